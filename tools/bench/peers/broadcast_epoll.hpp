// Frames to everybody, on a bare level-triggered epoll loop: either each as
// soon as it is whole, or all that came in a batch of events with one write for
// each client.
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "common/errors.hpp"
#include "common/listener.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "tools/bench/peers/framing.hpp"
#include "tools/bench/peers/listen.hpp"

namespace peers {

enum class When : std::uint8_t { at_once, after_the_batch };

class BroadcastServer {
 public:
  BroadcastServer(const tick::Options& options, When when)
      : listener_(peers::listen(options)), when_(when) {
    tick::ignore_sigpipe();
    control(EPOLL_CTL_ADD, listener_.fd(), EPOLLIN);
    tick::announce(listener_);
  }

  void run() {
    std::array<epoll_event, 1024> events;
    for (;;) {
      const int n = ::epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < n; ++i) {
        handle(events[static_cast<std::size_t>(i)]);
      }
      if (!said_.empty()) say(said_);
      said_.clear();
      for (const int fd : gone_) {
        if (clients_.erase(fd) > 0) ::close(fd);
      }
      gone_.clear();
    }
  }

 private:
  struct Client {
    Cutter input;
    std::vector<char> rest;  // that a full send buffer did not take
  };

  void control(int operation, int fd, unsigned events) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    tick::check("epoll_ctl", ::epoll_ctl(epoll_, operation, fd, &event));
  }

  void handle(const epoll_event& event) {
    const int fd = event.data.fd;
    if (fd == listener_.fd()) return accept();
    Client& client = clients_[fd];
    if ((event.events & EPOLLOUT) != 0) flush(fd, client);
    if ((event.events & ~EPOLLOUT) != 0) read(fd, client);
  }

  void accept() {
    const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) return;
    clients_.try_emplace(fd);
    control(EPOLL_CTL_ADD, fd, EPOLLIN);
  }

  void read(int fd, Client& client) {
    const ssize_t n = ::read(fd, buffer_.data(), buffer_.size());
    if (n < 0 && errno == EAGAIN) return;
    const auto size = static_cast<std::size_t>(n);
    const auto hear = [this](std::span<const char> message) {
      if (when_ == When::at_once) return say(message);
      said_.insert(said_.end(), message.begin(), message.end());
    };
    if (n <= 0 || !client.input.cut(std::span(buffer_).first(size), hear)) {
      gone_.push_back(fd);
    }
  }

  void say(std::span<const char> text) {
    for (auto& [fd, client] : clients_) write(fd, client, text);
  }

  void write(int fd, Client& client, std::span<const char> text) {
    std::size_t sent = 0;
    if (client.rest.empty()) {
      const ssize_t n = ::write(fd, text.data(), text.size());
      if (n < 0 && errno != EAGAIN) gone_.push_back(fd);
      if (n > 0) sent = static_cast<std::size_t>(n);
      if (sent == text.size()) return;
      control(EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT);
    } else if (client.rest.size() > kMaxPending) {
      gone_.push_back(fd);
      return;
    }
    const auto left = text.subspan(sent);
    client.rest.insert(client.rest.end(), left.begin(), left.end());
  }

  void flush(int fd, Client& client) {
    const ssize_t n = ::write(fd, client.rest.data(), client.rest.size());
    if (n < 0 && errno != EAGAIN) gone_.push_back(fd);
    if (n <= 0) return;
    client.rest.erase(client.rest.begin(), client.rest.begin() + n);
    if (client.rest.empty()) control(EPOLL_CTL_MOD, fd, EPOLLIN);
  }

  tick::Listener listener_;
  When when_;
  int epoll_ = tick::check("epoll_create1", ::epoll_create1(0));
  std::unordered_map<int, Client> clients_;
  std::vector<char> said_;  // in this batch
  std::vector<int> gone_;   // in this batch
  std::array<char, 64 * 1024> buffer_;
};

}  // namespace peers
