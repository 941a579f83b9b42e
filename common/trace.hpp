// trace: what the loop did, one JSON object a line (`--trace FILE`).
//
//   {"ns":81236,"event":"read","fd":7,"token":"0.1","n":64,
//    "at":"chapters/03-poll/server.cpp:91","thread":1}
//
// ns      nanoseconds of CLOCK_MONOTONIC, the same clock in every process
// event   wait (n: timeout in ms, -1 for ever), wake (n: how many are ready),
//         event, accept (n: the new descriptor), read, write, writev (n:
//         bytes), would_block, add, modify, remove, close, shutdown, stale,
//         interest (what poll's list asks of fd, each time it changes),
//         call (one begins that may wait: fd is a blocking descriptor),
//         frame (one has come whole from fd, n: bytes of payload), tick (the
//         end of a batch, n: how many connections it touched)
// fd      the descriptor, token the "slot.generation" it is registered under
// detail  words: the call that waits, may wait or would have blocked; the
//         interest; the readiness
// error   the errno's name, where a call failed
// at      the source line that made the call; thread: 1 is main
//
// Emitted by common/, not by chapters. When it is off, a call costs the test
// of one bool. Each line is one write(2), so nothing is lost when the process
// ends. A full disk loses lines and never stops the server.
#pragma once

#include <poll.h>
#include <sys/select.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/token.hpp"
#include "common/where.hpp"

struct epoll_event;

namespace tick::trace {

using tick::Where;

namespace detail {
inline bool enabled = false;  // set once, before a second thread can exist
}

inline bool on() noexcept { return detail::enabled; }

// Opens `path` (truncated) and begins. Throws std::system_error.
void start(const std::string& path);

// The rest keep errno, never throw, and do nothing when the trace is off.
void wait(std::string_view call, int timeout, Where) noexcept;
void wait(std::span<const pollfd> fds, int timeout, Where) noexcept;  // poll
void woke(int n, Where) noexcept;
void woke(int n, std::span<const pollfd> fds, Where) noexcept;
void woke(int n, int count, const fd_set* readable, const fd_set* writable,
          Where) noexcept;
void woke(int n, const epoll_event* events, Where) noexcept;
void call(std::string_view name, int fd, Where) noexcept;
void transfer(std::string_view call, int fd, ssize_t n, Where) noexcept;
void closed(int fd, Where) noexcept;
void note(std::string_view event, int fd, std::int64_t n, Where) noexcept;

// add, modify: from now on `fd`'s lines carry `token`. remove: no longer.
void registered(std::string_view event, int fd, Token token,
                std::string_view detail, Where) noexcept;
void removed(int fd, Where) noexcept;

// An event whose token names nobody any more: refused, as it should be.
void stale(Token token, Where = Where::current()) noexcept;

// The tick begins, for so many connections; a whole frame has come from `fd`.
void tick(std::size_t touched, Where = Where::current()) noexcept;
void frame(int fd, std::size_t payload, Where = Where::current()) noexcept;

}  // namespace tick::trace
