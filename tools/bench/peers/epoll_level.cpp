// The floor: echo on a bare level-triggered epoll loop, with no library and as
// little as works. It is what the kit's servers are measured against. What a
// full send buffer does not take waits, and nothing more is read meanwhile.

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
    control(EPOLL_CTL_ADD, listener_.fd(), EPOLLIN);
    tick::announce(listener_);
  }

  void run() {
    std::array<epoll_event, 1024> events;
    for (;;) {
      const int n = ::epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < n; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.fd == listener_.fd()) {
          accept();
        } else if ((event.events & EPOLLOUT) != 0) {
          flush(event.data.fd);
        } else {
          echo(event.data.fd);
        }
      }
    }
  }

 private:
  void control(int operation, int fd, unsigned events) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    tick::check("epoll_ctl", ::epoll_ctl(epoll_, operation, fd, &event));
  }

  void accept() {
    const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) return;
    const auto slots = static_cast<std::size_t>(fd) + 1;
    if (rest_.size() < slots) rest_.resize(slots);
    control(EPOLL_CTL_ADD, fd, EPOLLIN);
  }

  void echo(int fd) {
    const ssize_t n = ::read(fd, buffer_.data(), buffer_.size());
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return close(fd);
    ssize_t sent = ::write(fd, buffer_.data(), static_cast<std::size_t>(n));
    if (sent == n) return;
    if (sent < 0 && errno != EAGAIN) return close(fd);
    if (sent < 0) sent = 0;
    rest(fd).assign(buffer_.data() + sent, buffer_.data() + n);
    control(EPOLL_CTL_MOD, fd, EPOLLOUT);
  }

  void flush(int fd) {
    std::vector<char>& waiting = rest(fd);
    const ssize_t n = ::write(fd, waiting.data(), waiting.size());
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return close(fd);
    waiting.erase(waiting.begin(), waiting.begin() + n);
    if (waiting.empty()) control(EPOLL_CTL_MOD, fd, EPOLLIN);
  }

  void close(int fd) {
    rest(fd).clear();
    ::close(fd);
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
  return tick::run_program(argc, argv, "Echo on a bare epoll loop.",
                           tick::Accepts::basics, serve);
}
