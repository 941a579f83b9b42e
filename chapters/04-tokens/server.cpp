// Chapter 04: a multi-echo server on any poller.
//
// What it does: what one client sends goes to every client, the sender
// included. Which system call it sleeps in is an option (--backend).
//
// New here: the Poller; a Token with each registration, looked up in a Slab
//   with every event, so that an event for a connection which closed a moment
//   ago finds nobody instead of its successor; a connection limit, which is
//   the slab's capacity.
// Still missing: being told once instead of again and again (05); a single
//   place where connections close and interest changes (06); messages that
//   stay whole (07); patience with a slow receiver, who is cut off here (09).

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "common/byte_buffer.hpp"
#include "common/log.hpp"
#include "common/poller.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "common/slab.hpp"
#include "common/socket.hpp"
#include "common/trace.hpp"

namespace tick {
namespace {

// tag::limits[]
constexpr std::size_t kReadSize = 16 * 1024;  // bytes a read: fairness

// Bytes that may wait for one client. From kPauseAt on it is not read from;
// at kMaxOutput it is cut off, because what others send cannot be held back.
constexpr std::size_t kPauseAt = 64 * 1024;
constexpr std::size_t kMaxOutput = 256 * 1024;

// How long a full server is left alone before accept() is tried again.
constexpr std::chrono::milliseconds kPause{100};
// end::limits[]

// tag::connection[]
struct Connection {
  Socket socket;
  Token token = {};
  Interest registered = Interest::readable;  // what the poller was told last
  ByteBuffer output{kMaxOutput};
  bool ended = false;  // the client will send no more

  [[nodiscard]] bool may_read() const {
    return !ended && output.size() < kPauseAt;
  }

  [[nodiscard]] Interest interest() const {  // <1>
    if (output.empty()) return Interest::readable;
    return may_read() ? Interest::both : Interest::writable;
  }
};
// end::connection[]

class Server {
 public:
  // tag::start[]
  explicit Server(const Options& options)
      : poller_(options.backend),
        connections_(options.max_connections),
        listener_(listen(options)) {
    poller_.add(listener_.fd(), kListener, Interest::readable);
    announce(listener_);
  }
  // end::start[]

  // tag::run[]
  void run() {
    for (;;) {
      for (const Event& event : poller_.wait(timeout())) {
        if (event.token == kListener) {
          accept_all();
        } else if (connections_.get(event.token) != nullptr) {  // <1>
          serve(event);
        } else {
          trace::stale(event.token);  // <2>
        }
      }
      if (paused_) accept_all();
    }
  }
  // end::run[]

 private:
  // tag::timeout[]
  [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const {
    if (paused_) return kPause;
    return std::nullopt;
  }
  // end::timeout[]

  // tag::accept[]
  void accept_all() {
    while (!connections_.full()) {  // <1>
      AcceptResult result = listener_.accept();
      switch (result.status) {
        case AcceptStatus::accepted:
          welcome(std::move(result.socket));
          break;
        case AcceptStatus::retry:
          break;
        case AcceptStatus::would_block:
          return pause(false);
        case AcceptStatus::exhausted:
          return pause(true);
      }
    }
    pause(true);
  }

  // While the server is full the listener is not registered: level-triggered,
  // it would wake the loop again and again for a client nobody can take.
  void pause(bool paused) {
    if (paused == paused_) return;
    if (paused) {
      log::warn("full: {} clients, not accepting", connections_.size());
      poller_.remove(listener_.fd());  // <2>
      paused_ = true;
    } else {
      paused_ = !watch(listener_.fd(), kListener);
    }
  }

  // False when the poller cannot take one more.
  bool watch(int fd, Token token) {
    try {
      poller_.add(fd, token, Interest::readable);
      return true;
    } catch (const std::system_error& error) {
      log::debug("{}", error.what());
      return false;
    }
  }
  // end::accept[]

  // tag::welcome[]
  void welcome(Socket socket) {
    const std::optional<Token> token =
        connections_.emplace(Connection{std::move(socket)});
    if (!token) return;  // full: the socket closes here
    Connection& c = *connections_.get(*token);
    c.token = *token;
    if (!watch(c.socket.fd(), c.token)) connections_.erase(c.token);  // <1>
  }

  void close(Token token) {
    Connection* const c = connections_.get(token);
    if (c == nullptr) return;
    poller_.remove(c->socket.fd());  // <2>
    connections_.erase(token);
  }
  // end::welcome[]

  // tag::serve[]
  void serve(const Event& event) {
    if (event.readable) on_readable(*connections_.get(event.token));
    Connection* const c = connections_.get(event.token);  // <1>
    if (c != nullptr && event.writable) flush(*c);
    settle(event.token);
  }
  // end::serve[]

  // tag::readable[]
  void on_readable(Connection& c) {
    if (!c.may_read()) return;
    const IoResult got = c.socket.read(buffer_);
    switch (got.status) {
      case IoStatus::done:
        broadcast(std::span(buffer_).first(got.bytes));
        break;
      case IoStatus::would_block:
        break;
      case IoStatus::closed:
        c.ended = true;
        break;
      case IoStatus::failed:
        close(c.token);
        break;
    }
  }
  // end::readable[]

  // tag::broadcast[]
  void broadcast(std::span<const std::byte> bytes) {
    for (Connection& c : connections_) {  // <1>
      if (c.ended) continue;
      const Token token = c.token;
      if (c.output.append(bytes)) {
        flush(c);
      } else {
        log::debug("client {} does not read, closing it", token.slot);
        close(token);  // <2>
      }
      settle(token);
    }
  }
  // end::broadcast[]

  // tag::flush[]
  void flush(Connection& c) {
    if (c.output.empty()) return;
    const IoResult put = c.socket.write(c.output.data());
    switch (put.status) {
      case IoStatus::done:
        c.output.consume(put.bytes);
        break;
      case IoStatus::would_block:
        break;
      case IoStatus::closed:
      case IoStatus::failed:
        close(c.token);
        break;
    }
  }

  // Tells the poller what a connection waits for now, if that changed.
  void settle(Token token) {
    Connection* const c = connections_.get(token);
    if (c == nullptr) return;
    if (c->ended && c->output.empty()) return close(token);
    if (c->interest() == c->registered) return;  // <1>
    c->registered = c->interest();
    try {
      poller_.modify(c->socket.fd(), token, c->registered);
    } catch (const std::system_error& error) {  // the machine is full
      log::debug("closing a client: {}", error.what());
      close(token);
    }
  }
  // end::flush[]

  // tag::state[]
  Poller poller_;
  Slab<Connection> connections_;
  Listener listener_;
  bool paused_ = false;  // full: the listener is not registered
  std::array<std::byte, kReadSize> buffer_;
  // end::state[]
};

void serve(const Options& options) {
  ignore_sigpipe();
  Server(options).run();
}

}  // namespace
}  // namespace tick

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "What one says, all hear.",
                           tick::Accepts::poller, tick::serve);
}
