// What poll's list asks for, told when it changes: a server that uses poll(2)
// itself hands over the whole list at every call. What a Poller registers is
// told by add and modify instead, so what has a token is left out here.

#include <poll.h>

#include <exception>
#include <map>
#include <mutex>
#include <utility>

#include "common/trace_line.hpp"

namespace tick::trace {
namespace {

std::mutex asked_mutex;
std::map<int, short> asked;  // of the last call: descriptor → POLLIN, POLLOUT

std::string_view words(short events) noexcept {
  const bool readable = (events & POLLIN) != 0;
  const bool writable = (events & POLLOUT) != 0;
  if (readable && writable) return "readable writable";
  if (readable) return "readable";
  return writable ? "writable" : "nothing";
}

void tell(int fd, short events, Where where) noexcept {
  write({.event = "interest", .fd = fd, .detail = words(events)}, where);
}

void tell_changes(std::span<const pollfd> fds, Where where) {
  std::map<int, short> now;
  for (const pollfd& p : fds) {
    if (p.fd >= 0 && !has_token(p.fd)) now[p.fd] = p.events;
  }
  const std::scoped_lock lock(asked_mutex);
  for (const auto& [fd, events] : now) {
    const auto before = asked.find(fd);
    if (before == asked.end() || before->second != events) {
      tell(fd, events, where);
    }
  }
  for (const auto& [fd, events] : asked) {
    if (!now.contains(fd)) tell(fd, 0, where);
  }
  asked = std::move(now);
}

}  // namespace

void wait(std::span<const pollfd> fds, int timeout, Where where) noexcept {
  try {
    tell_changes(fds, where);
  } catch (const std::exception&) {  // out of memory: these lines are lost
  }
  wait("poll", timeout, where);
}

void forget_interest(int fd) noexcept {
  const std::scoped_lock lock(asked_mutex);
  asked.erase(fd);
}

}  // namespace tick::trace
