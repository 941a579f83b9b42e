// Watch: one epoll, level-triggered; each descriptor under a number.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/errors.hpp"
#include "common/file_descriptor.hpp"

namespace bench {

class Watch {
 public:
  void add(int fd, std::size_t number, std::uint32_t events) {
    control(EPOLL_CTL_ADD, fd, number, events);
  }
  void change(int fd, std::size_t number, std::uint32_t events) {
    control(EPOLL_CTL_MOD, fd, number, events);
  }

  // Waits for at most so many milliseconds; a signal may end it early.
  std::span<const epoll_event> wait(int milliseconds) {
    const int n = ::epoll_wait(epoll_.get(), events_.data(),
                               static_cast<int>(events_.size()), milliseconds);
    if (n < 0 && errno != EINTR) tick::throw_errno("epoll_wait");
    return std::span(events_).first(n < 0 ? 0 : static_cast<std::size_t>(n));
  }

 private:
  void control(int operation, int fd, std::size_t number,
               std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = number;
    tick::check("epoll_ctl", ::epoll_ctl(epoll_.get(), operation, fd, &event));
  }

  tick::FileDescriptor epoll_{
      tick::check("epoll_create1", ::epoll_create1(EPOLL_CLOEXEC))};
  std::array<epoll_event, 1024> events_;
};

}  // namespace bench
