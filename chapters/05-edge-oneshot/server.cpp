// Chapter 05: a multi-echo server on any trigger.
//
// What it does: what one client sends goes to every client, the sender
// included. How often the kernel tells of the same readiness is an option
// (--trigger); every one of the four works, and none hangs.
//
// New here: reading until the buffer is empty, because an edge is told once;
//   a budget, so that one fast client does not keep the others waiting, and
//   re-arming to be told of what the budget left over; re-arming a oneshot
//   after its event, and a receiver when it gets something to write.
// Still missing: a single place where connections close and interest changes
//   (06); messages that stay whole (07); patience with a slow receiver, who is
//   cut off here (09).

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include "common/acceptor.hpp"
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
constexpr std::size_t kReadSize = 16 * 1024;  // bytes a read
constexpr std::size_t kReadsPerEvent = 16;    // fairness: then it is others'
                                              // turn

// Bytes that may wait for one client. From kPauseAt on it is not read from;
// at kMaxOutput it is cut off, because what others send cannot be held back.
constexpr std::size_t kPauseAt = 64 * 1024;
constexpr std::size_t kMaxOutput = 256 * 1024;
// end::limits[]

// tag::connection[]
struct Connection {
  Socket socket;
  Token token = {};
  Interest registered = Interest::readable;  // what the poller was told last
  bool armed = true;    // false: a oneshot has fired, the poller is silent
  bool unread = false;  // nobody has said yet that there is nothing to read
  bool drain = false;   // a short read says nothing (Event::drain)
  bool ended = false;   // the client will send no more
  ByteBuffer output{kMaxOutput};

  [[nodiscard]] bool may_read() const {
    return !ended && output.size() < kPauseAt;
  }

  [[nodiscard]] Interest interest() const {
    if (output.empty()) return Interest::readable;
    return may_read() ? Interest::both : Interest::writable;
  }
};
// end::connection[]

class Server {
 public:
  // tag::run[]
  explicit Server(const Options& options)
      : trigger_(options.trigger),
        poller_(options.backend),
        connections_(options.max_connections),
        acceptor_(poller_, options) {}

  void run() {
    for (;;) {
      for (const Event& event : poller_.wait(acceptor_.timeout())) {
        if (event.token == kListener) {
          accept_all();
        } else if (connections_.get(event.token) != nullptr) {
          serve(event);
        } else {
          trace::stale(event.token);
        }
      }
      if (acceptor_.paused()) accept_all();
    }
  }
  // end::run[]

 private:
  // tag::accept[]
  void accept_all() {
    acceptor_.accept_all([this] { return !connections_.full(); },
                         [this](Socket socket) { welcome(std::move(socket)); });
  }

  void welcome(Socket socket) {
    const std::optional<Token> token =
        connections_.emplace(Connection{std::move(socket)});
    if (!token) return;  // full: the socket closes here
    Connection& c = *connections_.get(*token);
    c.token = *token;
    try {
      poller_.add(c.socket.fd(), c.token, c.registered, trigger_);
    } catch (const std::system_error& error) {  // the machine is full
      log::debug("refusing a client: {}", error.what());
      connections_.erase(c.token);
    }
  }

  void close(Token token) {
    Connection* const c = connections_.get(token);
    if (c == nullptr) return;
    poller_.remove(c->socket.fd());
    connections_.erase(token);
  }
  // end::accept[]

  // tag::serve[]
  void serve(const Event& event) {
    Connection& c = *connections_.get(event.token);
    c.armed = !is_oneshot(trigger_);  // <1>
    c.unread = c.unread || event.readable;
    c.drain = c.drain || event.drain;
    read_all(event.token);
    if (event.writable) flush(event.token);
    settle(event.token);
  }
  // end::serve[]

  // Reads what is there, within the budget.
  // tag::read[]
  void read_all(Token token) {
    for (std::size_t n = 0; n < kReadsPerEvent; ++n) {
      Connection* const c = connections_.get(token);  // <1>
      if (c == nullptr || !c->unread || !c->may_read()) return;
      const IoResult got = c->socket.read(buffer_);
      switch (got.status) {
        case IoStatus::done:
          c->unread = got.bytes == buffer_.size() || c->drain;  // <2>
          broadcast(token, std::span(buffer_).first(got.bytes));
          break;
        case IoStatus::would_block:
          c->unread = static_cast<bool>(got.error);
          break;
        case IoStatus::closed:
          c->unread = false;
          c->ended = true;
          break;
        case IoStatus::failed:
          close(token);
          break;
      }
    }
  }
  // end::read[]

  // tag::broadcast[]
  void broadcast(Token sender, std::span<const std::byte> bytes) {
    for (Connection& c : connections_) {
      if (c.ended) continue;
      const Token token = c.token;
      send(c, bytes);                      // <1>
      if (token != sender) settle(token);  // <2>
    }
  }

  // Writes at once what the kernel takes; only the rest has to wait.
  void send(Connection& c, std::span<const std::byte> bytes) {
    if (c.output.empty()) {
      const IoResult put = c.socket.write(bytes);
      if (!survives(c, put)) return close(c.token);
      bytes = bytes.subspan(put.bytes);  // <3>
    }
    if (!c.output.append(bytes)) {
      log::debug("client {} does not read, closing it", c.token.slot);
      close(c.token);
    }
  }
  // end::broadcast[]

  // tag::flush[]
  void flush(Token token) {
    Connection* const c = connections_.get(token);
    if (c == nullptr || c->output.empty()) return;
    const IoResult put = c->socket.write(c->output.data());
    c->output.consume(put.bytes);
    if (!survives(*c, put)) close(token);
  }

  static bool survives(Connection& c, const IoResult& put) {
    if (put.error) c.armed = false;  // <1>
    return put.status == IoStatus::done || put.status == IoStatus::would_block;
  }
  // end::flush[]

  // Tells the poller what a connection waits for, where that is needed.
  // tag::settle[]
  void settle(Token token) {
    Connection* const c = connections_.get(token);
    if (c == nullptr) return;
    if (c->ended && c->output.empty()) return close(token);
    const bool left_over =
        trigger_ == Trigger::edge && c->unread && c->may_read();
    if (c->armed && !left_over && c->interest() == c->registered) return;
    c->registered = c->interest();
    try {
      poller_.modify(c->socket.fd(), token, c->registered, trigger_);
      c->armed = true;
      c->unread = false;                        // what is there is told again
    } catch (const std::system_error& error) {  // the machine is full
      log::debug("closing a client: {}", error.what());
      close(token);
    }
  }
  // end::settle[]

  // tag::state[]
  Trigger trigger_;
  Poller poller_;
  Slab<Connection> connections_;
  Acceptor acceptor_;
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
                           tick::Accepts::trigger, tick::serve);
}
