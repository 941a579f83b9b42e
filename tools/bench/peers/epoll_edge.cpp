// Echo on a bare edge-triggered epoll loop. Each client is registered once,
// for both directions, and read and written until the kernel says EAGAIN or a
// read comes short. What a full send buffer does not take waits, and nothing
// more is read meanwhile.

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <vector>

#include "common/errors.hpp"
#include "common/listener.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "tools/bench/peers/listen.hpp"

namespace {

class Server {
 public:
  explicit Server(const tick::Options& options)
      : listener_(peers::listen(options)) {
    add(listener_.fd(), EPOLLIN | EPOLLET);
    tick::announce(listener_);
  }

  void run() {
    std::array<epoll_event, 1024> events;
    for (;;) {
      const int n = ::epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < n; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.fd == listener_.fd()) {
          accept_all();
        } else if (flush(event.data.fd)) {
          echo(event.data.fd, (event.events & EPOLLRDHUP) != 0);
        }
      }
    }
  }

 private:
  void add(int fd, unsigned events) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    tick::check("epoll_ctl", ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event));
  }

  void accept_all() {
    for (;;) {
      const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_NONBLOCK);
      if (fd < 0) return;
      const auto slots = static_cast<std::size_t>(fd) + 1;
      if (rest_.size() < slots) rest_.resize(slots);
      add(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    }
  }

  // True: nothing waits any more, there is room to read.
  bool flush(int fd) {
    std::vector<char>& waiting = rest(fd);
    while (!waiting.empty()) {
      const ssize_t n = ::write(fd, waiting.data(), waiting.size());
      if (n < 0 && errno == EAGAIN) return false;
      if (n < 0) return close(fd);
      waiting.erase(waiting.begin(), waiting.begin() + n);
    }
    return true;
  }

  // A short read has emptied the buffer: the next byte makes an edge. Only the
  // end of the stream, which may have come before, does not (epoll(7)).
  void echo(int fd, bool ends) {
    for (;;) {
      const ssize_t n = ::read(fd, buffer_.data(), buffer_.size());
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) {
        close(fd);
        return;
      }
      const auto size = static_cast<std::size_t>(n);
      const ssize_t sent = ::write(fd, buffer_.data(), size);
      if (sent < 0 && errno != EAGAIN) {
        close(fd);
        return;
      }
      if (sent < n) {
        rest(fd).assign(buffer_.data() + (sent < 0 ? 0 : sent),
                        buffer_.data() + n);
        // The next edge may have been now, before anything waited.
        if (!flush(fd)) return;
      } else if (size < buffer_.size() && !ends) {
        return;
      }
    }
  }

  bool close(int fd) {
    rest(fd).clear();
    ::close(fd);
    return false;
  }

  std::vector<char>& rest(int fd) {
    return rest_[static_cast<std::size_t>(fd)];
  }

  tick::Listener listener_;
  int epoll_ = tick::check("epoll_create1", ::epoll_create1(0));
  std::vector<std::vector<char>> rest_;  // by descriptor
  std::array<char, 64 * 1024> buffer_;
};

void serve(const tick::Options& options) {
  tick::ignore_sigpipe();
  Server(options).run();
}

}  // namespace

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Echo on a bare edge-triggered loop.",
                           tick::Accepts::basics, serve);
}
