// Poller: asks the kernel which descriptors are ready. One interface, chosen
// backends: select(2), poll(2), epoll(7), kqueue(2).
//
// It never owns, reads or closes a descriptor. Remove a descriptor before you
// close it: afterwards the number may be somebody else's. It is not
// thread-safe: one loop, one Poller.
//
// tests/contract/ holds every backend to what is promised here.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "common/backend.hpp"
#include "common/event.hpp"
#include "common/interest.hpp"
#include "common/token.hpp"
#include "common/trigger.hpp"
#include "common/where.hpp"

namespace tick {

class PollerBackend;

class Poller {
 public:
  // Throws std::system_error (EOPNOTSUPP) when this system lacks `backend`.
  explicit Poller(Backend backend = Backend::automatic);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // tag::calls[]
  // Watches `fd`. What is ready already is reported by the next wait(), under
  // every trigger. Throws std::system_error:
  //   EEXIST      it is registered already
  //   EOPNOTSUPP  the backend lacks the trigger (it is refused, not emulated)
  //   EINVAL      select only: fd >= FD_SETSIZE
  //   EBADF       fd is negative, or (epoll, kqueue) not open
  //   ENOMEM, ENOSPC  the machine is full (epoll_ctl(2)). A server catches
  //                   this one and closes that connection.
  void add(int fd, Token token, Interest interest,
           Trigger trigger = Trigger::level, Where = Where::current());

  // Replaces token, interest and trigger, and re-arms a oneshot: what is ready
  // now is reported by the next wait(), also under edge. Throws ENOENT when
  // `fd` is not registered, and otherwise as add().
  void modify(int fd, Token token, Interest interest,
              Trigger trigger = Trigger::level, Where = Where::current());

  // Stops watching: no later wait() tells of it. Events that an earlier wait()
  // returned stay where they are, stale. Throws ENOENT.
  void remove(int fd, Where = Where::current());

  // Sleeps until something is ready, or for `timeout` (nothing: for ever;
  // 0 or less: not at all). A timeout is rounded up to whole milliseconds, so
  // that a timer's loop neither wakes early nor spins through the last one;
  // the longest is 2^31 - 1 ms, 24 days. At most one event a descriptor. May
  // return none, also before the timeout: a signal ended the sleep (EINTR).
  // The events are valid until the next wait(). Not promised: their order,
  // that every ready descriptor is in the first batch (epoll and kqueue return
  // 1,024 at most), or that the call you make next will not say would_block.
  [[nodiscard]] std::span<const Event> wait(
      std::optional<std::chrono::nanoseconds> timeout = std::nullopt,
      Where = Where::current());
  // end::calls[]

  [[nodiscard]] bool supports(Trigger trigger) const noexcept;
  [[nodiscard]] std::string_view name() const noexcept;  // "epoll"

 private:
  std::unique_ptr<PollerBackend> backend_;
};

}  // namespace tick
