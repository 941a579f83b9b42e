// PollerBackend: what a system call has to do to stand under a Poller.
//
// Private to poller.cpp and the *_backend.cpp files; chapters use Poller. The
// promises are Poller's (poller.hpp). Poller has already refused an
// unsupported trigger and turned the timeout into milliseconds.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "common/event.hpp"
#include "common/interest.hpp"
#include "common/token.hpp"
#include "common/trigger.hpp"
#include "common/where.hpp"

namespace tick {

// How many events one wait() returns at most. More would be ready at the next
// call; with too few, a busy loop pays for many calls.
inline constexpr std::size_t kEventsPerWait = 1024;

class PollerBackend {
 public:
  PollerBackend() = default;
  PollerBackend(const PollerBackend&) = delete;
  PollerBackend& operator=(const PollerBackend&) = delete;
  virtual ~PollerBackend() = default;

  virtual void add(int fd, Token, Interest, Trigger) = 0;
  virtual void modify(int fd, Token, Interest, Trigger) = 0;
  virtual void remove(int fd) = 0;
  // timeout: milliseconds, -1 for ever.
  virtual std::span<const Event> wait(int timeout, Where) = 0;
  [[nodiscard]] virtual bool supports(Trigger) const noexcept = 0;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
};

std::unique_ptr<PollerBackend> make_select_backend();
std::unique_ptr<PollerBackend> make_poll_backend();
std::unique_ptr<PollerBackend> make_epoll_backend();   // Linux only
std::unique_ptr<PollerBackend> make_kqueue_backend();  // BSD and macOS only

}  // namespace tick
