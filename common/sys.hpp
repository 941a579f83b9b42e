// sys: every system call that a server makes once it serves.
//
// Each function is the call of the same name in section 2 of the manual, with
// its arguments, its result and its errno; what it adds is one line in the
// trace when there is one. Nothing else in the kit may make these calls, so a
// test can put another common/sys.hpp first on the include path and run an
// unchanged server inside a kernel of its own making.
//
// `where` is filled in by the caller's line and ends up in the trace.
#pragma once

#include <poll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/epoll.h>
#else
#include <fcntl.h>
#endif
#if __has_include(<sys/event.h>)
#include <sys/event.h>
#endif

#include <chrono>
#include <cstddef>

#include "common/trace.hpp"

namespace tick::sys {

inline ssize_t read(int fd, void* data, std::size_t size,
                    Where where = Where::current()) noexcept {
  if (trace::on()) trace::call("read", fd, where);
  const ssize_t n = ::read(fd, data, size);
  if (trace::on()) trace::transfer("read", fd, n, where);
  return n;
}

inline ssize_t write(int fd, const void* data, std::size_t size,
                     Where where = Where::current()) noexcept {
  if (trace::on()) trace::call("write", fd, where);
  const ssize_t n = ::write(fd, data, size);
  if (trace::on()) trace::transfer("write", fd, n, where);
  return n;
}

inline ssize_t writev(int fd, const iovec* parts, int count,
                      Where where = Where::current()) noexcept {
  if (trace::on()) trace::call("writev", fd, where);
  const ssize_t n = ::writev(fd, parts, count);
  if (trace::on()) trace::transfer("writev", fd, n, where);
  return n;
}

// Closes on exec always; `nonblocking` is the new descriptor's mode (on Linux
// it is not inherited from the listener: accept(2)).
inline int accept(int fd, bool nonblocking,
                  Where where = Where::current()) noexcept {
  if (trace::on()) trace::call("accept", fd, where);
#if defined(__linux__)
  const int flags = SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0);
  const int client = ::accept4(fd, nullptr, nullptr, flags);
#else
  const int client = ::accept(fd, nullptr, nullptr);
  if (client >= 0) {
    ::fcntl(client, F_SETFD, FD_CLOEXEC);
    ::fcntl(client, F_SETFL, nonblocking ? O_NONBLOCK : 0);
  }
#endif
  if (trace::on()) trace::transfer("accept", fd, client, where);
  return client;
}

inline int close(int fd, Where where = Where::current()) noexcept {
  if (trace::on()) trace::closed(fd, where);
  return ::close(fd);
}

inline int shutdown(int fd, int how, Where where = Where::current()) noexcept {
  if (trace::on()) trace::note("shutdown", fd, how, where);
  return ::shutdown(fd, how);
}

// timeout: milliseconds; 0 does not wait, -1 waits for ever.
inline int poll(pollfd* fds, nfds_t count, int timeout,
                Where where = Where::current()) noexcept {
  if (trace::on()) trace::wait({fds, count}, timeout, where);
  const int n = ::poll(fds, count, timeout);
  if (trace::on()) trace::woke(n, {fds, count}, where);
  return n;
}

// timeout: as of poll() above.
inline int select(int count, fd_set* readable, fd_set* writable,
                  fd_set* exceptional, int timeout,
                  Where where = Where::current()) noexcept {
  timeval limit{timeout / 1000, (timeout % 1000) * 1000};
  if (trace::on()) trace::wait("select", timeout, where);
  const int n = ::select(count, readable, writable, exceptional,
                         timeout < 0 ? nullptr : &limit);
  if (trace::on()) trace::woke(n, count, readable, writable, where);
  return n;
}

#if defined(__linux__)
inline int epoll_ctl(int epoll, int operation, int fd,
                     epoll_event* event) noexcept {
  return ::epoll_ctl(epoll, operation, fd, event);
}

inline int epoll_wait(int epoll, epoll_event* events, int size, int timeout,
                      Where where = Where::current()) noexcept {
  if (trace::on()) trace::wait("epoll_wait", timeout, where);
  const int n = ::epoll_wait(epoll, events, size, timeout);
  if (trace::on()) trace::woke(n, events, where);
  return n;
}
#endif

#if __has_include(<sys/event.h>)
inline int kevent(int queue, const struct kevent* changes, int change_count,
                  struct kevent* events, int size,
                  const timespec* timeout) noexcept {
  return ::kevent(queue, changes, change_count, events, size, timeout);
}
#endif

// Time that only moves forward (CLOCK_MONOTONIC), for deadlines.
inline std::chrono::steady_clock::time_point now() noexcept {
  return std::chrono::steady_clock::now();
}

}  // namespace tick::sys
