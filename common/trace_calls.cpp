// How each call of sys.hpp and Poller looks in the trace.

#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>

#include <cerrno>

#include "common/trace.hpp"
#include "common/trace_line.hpp"

#if defined(__linux__)
#include <sys/epoll.h>
#endif

namespace tick::trace {
namespace {

std::string_view words(bool readable, bool writable, bool hangup) noexcept {
  if (hangup) return "readable writable hangup";
  if (readable && writable) return "readable writable";
  return readable ? "readable" : "writable";
}

}  // namespace

void wait(std::string_view call, int timeout, Where where) noexcept {
  write({.event = "wait", .n = timeout, .detail = call}, where);
}

void woke(int n, Where where) noexcept {
  write({.event = "wake", .n = n, .error = n < 0 ? errno : 0}, where);
}

void woke(int n, std::span<const pollfd> fds, Where where) noexcept {
  woke(n, where);
  if (n <= 0) return;
  for (const pollfd& p : fds) {
    if (p.fd < 0 || p.revents == 0) continue;
    const bool hangup = (p.revents & (POLLERR | POLLHUP)) != 0;
    const auto detail =
        words((p.revents & POLLIN) != 0, (p.revents & POLLOUT) != 0, hangup);
    write({.event = "event", .fd = p.fd, .detail = detail}, where);
  }
}

void woke(int n, int count, const fd_set* readable, const fd_set* writable,
          Where where) noexcept {
  woke(n, where);
  for (int fd = 0; n > 0 && fd < count; ++fd) {
    const bool in = FD_ISSET(fd, readable);
    const bool out = FD_ISSET(fd, writable);
    if (!in && !out) continue;
    write({.event = "event", .fd = fd, .detail = words(in, out, false)}, where);
  }
}

#if defined(__linux__)
void woke(int n, const epoll_event* events, Where where) noexcept {
  woke(n, where);
  for (int i = 0; i < n; ++i) {
    const std::uint32_t bits = events[i].events;
    const bool hangup = (bits & (EPOLLERR | EPOLLHUP)) != 0;
    const bool in = (bits & (EPOLLIN | EPOLLRDHUP | EPOLLPRI)) != 0;
    const auto detail = words(in, (bits & EPOLLOUT) != 0, hangup);
    write({.event = "event",
           .token = unpack(events[i].data.u64),
           .detail = detail},
          where);
  }
}
#endif

void call(std::string_view name, int fd, Where where) noexcept {
  const int saved = errno;
  const int flags = ::fcntl(fd, F_GETFL);
  errno = saved;
  if (flags < 0 || (flags & O_NONBLOCK) != 0) return;
  write({.event = "call", .fd = fd, .detail = name}, where);
}

void transfer(std::string_view call, int fd, ssize_t n, Where where) noexcept {
  if (n >= 0) {
    write({.event = call, .fd = fd, .n = n}, where);
  } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
    write({.event = "would_block", .fd = fd, .detail = call}, where);
  } else {
    write({.event = call, .fd = fd, .n = n, .error = errno}, where);
  }
}

void note(std::string_view event, int fd, std::int64_t n,
          Where where) noexcept {
  write({.event = event, .fd = fd, .n = n}, where);
}

void closed(int fd, Where where) noexcept {
  write({.event = "close", .fd = fd}, where);
  forget(fd);
  forget_interest(fd);
}

void registered(std::string_view event, int fd, Token token,
                std::string_view detail, Where where) noexcept {
  remember(fd, token);
  write({.event = event, .fd = fd, .detail = detail}, where);
}

void removed(int fd, Where where) noexcept {
  write({.event = "remove", .fd = fd}, where);
  forget(fd);
}

void stale(Token token, Where where) noexcept {
  write({.event = "stale", .token = token}, where);
}

void tick(std::size_t touched, Where where) noexcept {
  if (on()) note("tick", -1, static_cast<std::int64_t>(touched), where);
}

void frame(int fd, std::size_t payload, Where where) noexcept {
  if (on()) note("frame", fd, static_cast<std::int64_t>(payload), where);
}

}  // namespace tick::trace
