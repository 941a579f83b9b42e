// Chapter 05, the exhibit: the multi-echo server of the seeds, with its faults.
//
// What it does: what one client sends goes to every client, or so it looks.
// It follows Herman J. Radtke III, "Creating A Multi-echo Server using Rust
// and mio" (2015), function by function, and what that text leaves out is left
// out here: his complete source re-arms after a write as well, and looks for
// errors first.
//
// New here: nothing to copy. Each fault below has a client that shows it, in
//   tests/chapters/test_05_edge_oneshot.py.
// Still missing: a buffer that grows and a test for "empty" that means empty;
//   a queue; the rest of a write; re-arming after a write; a connection that
//   may be gone; room for the 129th (server.cpp, beside this file).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "common/listener.hpp"
#include "common/log.hpp"
#include "common/poller.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "common/slab.hpp"
#include "common/socket.hpp"

namespace tick {
namespace {

// tag::seed_limits[]
constexpr std::size_t kCapacity = 2048;         // bytes of the receive buffer
constexpr std::uint32_t kMaxConnections = 128;  // slots of the slab
constexpr Trigger kTrigger = Trigger::edge_oneshot;
// end::seed_limits[]

using Message = std::vector<std::byte>;

// Rust's Result<(), _> is a bool here: false is the error.
struct Connection {
  Socket socket;
  Token token = {};
  Interest interest = Interest::readable;
  std::vector<Message> send_queue = {};

  // tag::seed_readable[]
  std::optional<Message> readable() {
    Message buffer(kCapacity);
    std::size_t length = 0;
    for (;;) {
      // Reading into nothing returned 0 bytes there and ended the loop. The
      // kit's Socket::read refuses to, so the case is written out.
      const auto rest = std::span(buffer).subspan(length);
      if (rest.empty()) break;  // <1>
      const IoResult got = socket.read(rest);
      if (got.status == IoStatus::would_block) break;
      // The end of the stream was an event of its own, and reset as well.
      if (got.status != IoStatus::done) return std::nullopt;
      length += got.bytes;
      if (got.bytes < kCapacity) break;  // <2>
    }
    buffer.resize(length);
    return buffer;
  }
  // end::seed_readable[]

  // tag::seed_writable[]
  bool writable() {
    if (send_queue.empty()) return false;
    Message message = std::move(send_queue.back());  // <1>
    send_queue.pop_back();
    const IoResult put = socket.write(message);
    switch (put.status) {
      case IoStatus::would_block:
        send_queue.push_back(std::move(message));
        break;
      case IoStatus::done:  // <2>
        break;
      case IoStatus::closed:
      case IoStatus::failed:
        return false;
    }
    if (send_queue.empty()) interest = Interest::readable;
    return true;
  }
  // end::seed_writable[]

  void send_message(Message message) {
    send_queue.push_back(std::move(message));
    interest = Interest::both;
  }
};

class Server {
 public:
  explicit Server(const Options& options)
      : listener_(listen(options)), connections_(kMaxConnections) {
    poller_.add(listener_.fd(), token_, Interest::readable, kTrigger);
    announce(listener_);
  }

  void run() {
    for (;;) {
      for (const Event& event : poller_.wait()) ready(event);
    }
  }

 private:
  // tag::seed_ready[]
  void ready(const Event& event) {
    const Token token = event.token;
    if (token == token_) return accept();
    // The Poller calls a dead connection writable whether asked or not.
    if (event.writable && wants_writable(find(token).interest)) {
      if (!find(token).writable()) reset_connection(token);
    }  // <1>
    if (event.readable) {
      if (!readable(token) || !reregister(find(token))) {  // <2>
        reset_connection(token);
      }
    }
  }
  // end::seed_ready[]

  // tag::seed_accept[]
  void accept() {
    AcceptResult result = listener_.accept();
    if (result.status == AcceptStatus::accepted) {
      const auto token =
          connections_.emplace(Connection{std::move(result.socket)});
      if (token) {
        add(*token);
      } else {  // <1>
        log::error("failed to insert connection into slab");
      }
    }
    poller_.modify(listener_.fd(), token_, Interest::readable, kTrigger);
  }
  // end::seed_accept[]

  void add(Token token) {
    Connection& c = find(token);
    c.token = token;
    try {
      poller_.add(c.socket.fd(), token, c.interest, kTrigger);
    } catch (const std::system_error& error) {
      log::error("failed to register a connection: {}", error.what());
      connections_.erase(token);
    }
  }

  // tag::seed_broadcast[]
  bool readable(Token token) {
    const std::optional<Message> message = find(token).readable();
    if (!message) return false;
    if (message->size() == kCapacity) return true;  // "is_empty" <1>
    std::vector<Token> bad;
    for (Connection& c : connections_) {
      c.send_message(*message);
      if (!reregister(c)) bad.push_back(c.token);
    }
    for (const Token each : bad) reset_connection(each);
    return true;
  }
  // end::seed_broadcast[]

  bool reregister(const Connection& c) {
    try {
      poller_.modify(c.socket.fd(), c.token, c.interest, kTrigger);
      return true;
    } catch (const std::system_error& error) {
      log::error("failed to reregister: {}", error.what());
      return false;
    }
  }

  void reset_connection(Token token) {
    poller_.remove(find(token).socket.fd());
    connections_.erase(token);
  }

  // Rust's self.conns[token], which panics when nobody is there.
  Connection& find(Token token) {
    Connection* const c = connections_.get(token);
    if (c == nullptr) throw std::out_of_range("no connection has this token");
    return *c;
  }

  Token token_ = kListener;
  Poller poller_;
  Listener listener_;
  Slab<Connection> connections_;
};

void serve(const Options& options) {
  ignore_sigpipe();
  Server(options).run();
}

}  // namespace
}  // namespace tick

int main(int argc, char** argv) {
  return tick::run_program(argc, argv,
                           "The seeds' multi-echo, with its faults.",
                           tick::Accepts::basics, tick::serve);
}
