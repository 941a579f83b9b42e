// Backend: the system call that a Poller stands on.
#pragma once

#include <cstdint>
#include <string_view>

namespace tick {

enum class Backend : std::uint8_t {
  automatic,  // the best one this system has: epoll, else kqueue, else poll
  select,     // select(2): level only, descriptors below FD_SETSIZE (1,024)
  poll,       // poll(2): level only
  epoll,      // epoll(7), Linux: every trigger
  kqueue,     // kqueue(2), BSD and macOS: every trigger
};

constexpr std::string_view to_string(Backend backend) noexcept {
  switch (backend) {
    case Backend::automatic:
      return "automatic";
    case Backend::select:
      return "select";
    case Backend::poll:
      return "poll";
    case Backend::epoll:
      return "epoll";
    case Backend::kqueue:
      return "kqueue";
  }
  return "invalid";
}

}  // namespace tick
