// The floor: echo on a bare level-triggered epoll loop, with no library and as
// little as works for well-behaved clients. Not an example: it drops what a
// full send buffer does not take. It is what the kit's servers are measured
// against.

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "common/endpoint.hpp"
#include "common/errors.hpp"
#include "common/listener.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"

namespace {

void add(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  tick::check("epoll_ctl", ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

void echo(int fd, std::array<char, 16 * 1024>& buffer) {
  const ssize_t n = ::read(fd, buffer.data(), buffer.size());
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0 || ::write(fd, buffer.data(), static_cast<std::size_t>(n)) != n) {
    ::close(fd);
  }
}

void serve(const tick::Options& options) {
  tick::ignore_sigpipe();
  const tick::Listener listener = tick::listen(options);
  const int epoll = tick::check("epoll_create1", ::epoll_create1(0));
  add(epoll, listener.fd());
  tick::announce(listener);
  std::array<epoll_event, 1024> events;
  static std::array<char, 16 * 1024> buffer;
  for (;;) {
    const int n = ::epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd != listener.fd()) {
        echo(fd, buffer);
        continue;
      }
      const int client = ::accept4(fd, nullptr, nullptr, SOCK_NONBLOCK);
      if (client >= 0) add(epoll, client);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Echo on a bare epoll loop.",
                           tick::Accepts::basics, serve);
}
