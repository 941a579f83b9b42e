// A model of kqueue(2), for tests on systems without it.
//
// With this folder on the include path common/kqueue_backend.cpp compiles on
// Linux, and the contract suite can be run against it. The model follows the
// manual page of FreeBSD 12.2 (Debian package freebsd-manpages), namely:
//
//   "A kevent is identified by the (ident, filter) pair"
//   "The filter is executed upon the initial registration of a kevent in order
//    to detect whether a preexisting condition is present"
//   "The filter is also run when the user attempts to retrieve the kevent"
//   "Calling close() on a file descriptor will remove any kevents that
//    reference the descriptor."
//   "All changes contained in the changelist are applied before any pending
//    events are read from the queue."
//   "When nevents is zero, kevent() will return immediately"
//   EV_ADD      "Re-adding an existing event will modify the parameters of the
//               original event": udata. Not EV_CLEAR, EV_DISPATCH or
//               EV_ONESHOT, which the page does not say and FreeBSD's
//               kqueue_register() does. "Adding an event automatically enables
//               it, unless overridden by the EV_DISABLE flag."
//   EV_DISABLE, EV_ENABLE, EV_DELETE, EV_DISPATCH, EV_ONESHOT, EV_CLEAR
//   EV_RECEIPT  "forces EV_ERROR to always be returned"
//   EV_EOF      "If the read direction of the socket has shutdown, then the
//               filter also sets EV_EOF in flags, and returns the socket error
//               (if any) in fflags."; for the write filter "when the reader
//               disconnects"
//   errors      EBADF, EINTR, EINVAL, ENOENT, and ENOMEM when a test asks for
//               it (kqueue_model.hpp); "If an error occurs while
//               processing an element of the changelist and there is enough
//               room in the eventlist, then the event will be placed in the
//               eventlist with EV_ERROR set in flags and the system error in
//               data. Otherwise, -1 will be returned" and the rest is not done
//
// Readiness and its changes are asked of the real kernel below, through two
// epoll(7) sets a queue, one for each filter: what is an edge is decided there.
//
// What it cannot say about a real kernel: when exactly EV_CLEAR tells again
// while bytes are unread; the error in fflags (here always ECONNRESET: asking
// for SO_ERROR would take it away from the program); EV_EOF on the write
// filter after our own shutdown(SHUT_WR), which FreeBSD sets; what happens to
// dup(2)ed descriptors; files that are no sockets; the order of events; the
// limit of 24 hours (BUGS); threads. `data` is always 0.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>

struct kevent {
  std::uintptr_t ident;
  short filter;
  unsigned short flags;
  unsigned int fflags;
  std::int64_t data;
  void* udata;
  std::uint64_t ext[4];
};

#define EV_SET(kev, a, b, c, d, e, f) \
  (*(kev) = {(a), (b), (c), (d), (e), (f), {}})

inline constexpr short EVFILT_READ = -1;
inline constexpr short EVFILT_WRITE = -2;

inline constexpr unsigned short EV_ADD = 0x0001;
inline constexpr unsigned short EV_DELETE = 0x0002;
inline constexpr unsigned short EV_ENABLE = 0x0004;
inline constexpr unsigned short EV_DISABLE = 0x0008;
inline constexpr unsigned short EV_ONESHOT = 0x0010;
inline constexpr unsigned short EV_CLEAR = 0x0020;
inline constexpr unsigned short EV_RECEIPT = 0x0040;
inline constexpr unsigned short EV_DISPATCH = 0x0080;
inline constexpr unsigned short EV_ERROR = 0x4000;
inline constexpr unsigned short EV_EOF = 0x8000;

extern "C" int kqueue(void);
extern "C" int kevent(int queue, const struct kevent* changes, int change_count,
                      struct kevent* events, int size,
                      const struct timespec* timeout);
