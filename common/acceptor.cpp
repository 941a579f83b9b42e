#include "common/acceptor.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <system_error>

#include "common/errors.hpp"
#include "common/log.hpp"
#include "common/program.hpp"
#include "common/token.hpp"

namespace tick {
namespace {

// How long a full server is left alone before accept() is tried again. Long
// enough to cost nothing, short enough that a client hardly notices.
constexpr std::chrono::milliseconds kPause{100};

// These servers write what they have in one call, so there is nothing for
// Nagle's algorithm to collect (RFC 896); it would hold a second write back
// until the first is acknowledged, which may take 40 ms (tcp(7)). Accepted
// sockets inherit the option.
void send_at_once(int listener) {
  const int yes = 1;
  check("setsockopt",
        ::setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
}

}  // namespace

Acceptor::Acceptor(Poller& poller, const Options& options)
    : poller_(poller), trigger_(options.trigger), listener_(listen(options)) {
  send_at_once(listener_.fd());
  poller_.add(listener_.fd(), kListener, Interest::readable, trigger_);
  announce(listener_);
}

std::optional<std::chrono::milliseconds> Acceptor::timeout() const {
  if (paused_) return kPause;
  return std::nullopt;
}

// tag::pause[]
void Acceptor::pause(const std::string& why) {
  if (paused_) return;
  log::warn("not accepting: {}", why);
  poller_.remove(listener_.fd());
  paused_ = true;
}

void Acceptor::resume() {
  try {
    if (paused_) {
      poller_.add(listener_.fd(), kListener, Interest::readable, trigger_);
    } else if (is_oneshot(trigger_)) {  // it has fired, so it is silent
      poller_.modify(listener_.fd(), kListener, Interest::readable, trigger_);
    }
    paused_ = false;
  } catch (const std::system_error& error) {  // the machine is full
    pause(error.what());
  }
}
// end::pause[]

}  // namespace tick
