// Chapter 05, first program: chapter 03's echo on the Poller.
//
// What it does: sends each client its own bytes back. How often the kernel
// tells of the same readiness is an option (--trigger), and the program is so
// small that there is nothing in it but the trigger.
//
// New here: edge, oneshot and both; reading until the buffer is empty; a
//   budget, and re-arming to be told of what it left over; writing straight
//   from the read buffer, so that a quiet connection holds no memory.
// Still missing: what happens when serving one client touches another
//   (server.cpp, beside this file).

#include <algorithm>
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
constexpr std::size_t kReadSize = 16 * 1024;   // bytes a read
constexpr std::size_t kReadsPerEvent = 16;     // fairness: then it is others'
                                               // turn
constexpr std::size_t kMaxOutput = 64 * 1024;  // bytes waiting for a client
// end::limits[]

// tag::connection[]
struct Connection {
  Socket socket;
  Token token = {};
  Interest registered = Interest::readable;  // what the poller was told last
  bool unread = false;  // nobody has said yet that there is nothing to read
  bool drain = false;   // a short read says nothing (Event::drain)  <1>
  bool retry = false;   // a write failed, and not for want of room
  bool ended = false;   // the client will send no more
  ByteBuffer output{kMaxOutput};

  [[nodiscard]] bool may_read() const { return !ended && output.room() > 0; }

  [[nodiscard]] Interest interest() const {
    if (output.empty()) return Interest::readable;  // <2>
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
        } else if (Connection* c = connections_.get(event.token)) {
          serve(*c, event);
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

  void close(Connection& c) {
    poller_.remove(c.socket.fd());
    connections_.erase(c.token);
  }
  // end::accept[]

  // tag::serve[]
  void serve(Connection& c, const Event& event) {
    c.unread = c.unread || event.readable;  // <1>
    c.drain = c.drain || event.drain;
    const bool alive = read_all(c) && (!event.writable || flush(c));
    if (!alive || (c.ended && c.output.empty())) return close(c);
    settle(c);
  }
  // end::serve[]

  // Reads what is there, within the budget. False: the connection is dead.
  // tag::read[]
  bool read_all(Connection& c) {
    for (std::size_t n = 0; n < kReadsPerEvent; ++n) {
      if (!c.unread || !c.may_read()) return true;  // <1>
      const std::size_t room = std::min(buffer_.size(), c.output.room());
      const IoResult got = c.socket.read(std::span(buffer_).first(room));
      switch (got.status) {
        case IoStatus::done:
          c.unread = got.bytes == room || c.drain;  // <2>
          if (!send(c, std::span(buffer_).first(got.bytes))) return false;
          break;
        case IoStatus::would_block:
          c.unread = static_cast<bool>(got.error);
          break;
        case IoStatus::closed:
          c.unread = false;
          c.ended = true;
          break;
        case IoStatus::failed:
          return false;
      }
    }
    return true;  // <3>
  }
  // end::read[]

  // Writes at once what the kernel takes; only the rest has to wait.
  // tag::send[]
  bool send(Connection& c, std::span<const std::byte> bytes) {
    if (c.output.empty()) {  // <1>
      const IoResult put = c.socket.write(bytes);
      if (!survives(c, put)) return false;
      bytes = bytes.subspan(put.bytes);
    }
    return c.output.append(bytes);
  }

  bool flush(Connection& c) {
    if (c.output.empty()) return true;
    const IoResult put = c.socket.write(c.output.data());
    c.output.consume(put.bytes);
    return survives(c, put);
  }

  static bool survives(Connection& c, const IoResult& put) {
    c.retry = static_cast<bool>(put.error);  // <2>
    return put.status == IoStatus::done || put.status == IoStatus::would_block;
  }
  // end::send[]

  // Tells the poller what the connection waits for, where that is needed.
  // tag::settle[]
  void settle(Connection& c) {
    const bool left_over = c.retry || (c.unread && c.may_read());
    const bool rearm = is_oneshot(trigger_) ||                    // <1>
                       (trigger_ == Trigger::edge && left_over);  // <2>
    if (!rearm && c.interest() == c.registered) return;           // <3>
    c.registered = c.interest();
    try {
      poller_.modify(c.socket.fd(), c.token, c.registered, trigger_);
    } catch (const std::system_error& error) {  // the machine is full
      log::debug("closing a client: {}", error.what());
      close(c);
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
  return tick::run_program(argc, argv, "Echo, told as often as you say.",
                           tick::Accepts::trigger, tick::serve);
}
