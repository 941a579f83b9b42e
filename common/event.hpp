// Event: one thing that Poller::wait() has to say.
#pragma once

#include "common/token.hpp"

namespace tick {

// Readiness is a hint that the call will not wait, never a promise that it
// will succeed: a read may still say would_block (poll(2), BUGS).
struct Event {
  Token token;
  bool readable = false;  // bytes, end of stream, a new connection or an error
  bool writable = false;  // room in the send buffer, or an error
  // An error or the end of both directions. It always comes with readable and
  // writable set, so that a server which ignores it still makes the call that
  // fails and learns the reason there.
  bool hangup = false;
  // Trigger::edge only, and only where the backend knows it: behind the bytes
  // there is more than bytes, the end of the stream or an urgent mark. A read
  // that gets less than it asked for has then not emptied the buffer: read on
  // until would_block or closed. (EPOLLRDHUP and EPOLLPRI, epoll_ctl(2);
  // EV_EOF, kqueue(2).)
  bool drain = false;

  friend constexpr bool operator==(const Event&, const Event&) = default;
};

}  // namespace tick
