// Chapter 06: a multi-echo server that acts once, at the end of each batch.
//
// What it does: what one client sends goes to every client, the sender
// included. While it works through a batch of events it only reads and makes
// notes; then the tick writes, closes and re-arms.
//
// New here: a connection is in one of three states, and what it waits for is
//   derived from the state; handlers mark and never close; the tick, for those
//   that were touched and nobody else; what is said in a batch lies in memory
//   once, and each client gets all of it with one write.
// Still missing: messages that stay whole (07); patience with a slow receiver,
//   who is cut off here (09).

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "common/acceptor.hpp"
#include "common/byte_buffer.hpp"
#include "common/log.hpp"
#include "common/poller.hpp"
#include "common/program.hpp"
#include "common/registration.hpp"
#include "common/signals.hpp"
#include "common/slab.hpp"
#include "common/socket.hpp"
#include "common/trace.hpp"

namespace tick {
namespace {

// tag::limits[]
constexpr std::size_t kReadSize = 16 * 1024;  // bytes a read
constexpr std::size_t kReadsPerEvent = 4;     // fairness: then it is others'
                                              // turn

// Bytes that may wait for one client. From kPauseAt on it is not read from;
// at kMaxOutput it is cut off, because what others send cannot be held back.
constexpr std::size_t kPauseAt = 64 * 1024;
constexpr std::size_t kMaxOutput = 256 * 1024;

// Bytes kept for what is said in a batch; what a burst needs beyond is freed.
constexpr std::size_t kKeptSaid = 1024 * 1024;
// end::limits[]

// tag::state[]
enum class State : std::uint8_t {
  open,      // reads and writes
  draining,  // it sends no more: it gets what waits for it, then the end
  closed,    // over: the tick removes it
};
// end::state[]

// tag::connection[]
struct Connection {
  Socket socket;
  Registration registration = {};
  State state = State::open;
  bool touched = false;           // on the list of this tick
  std::size_t news = 0;           // where in said_ begins what it has not got
  ByteBuffer output{kMaxOutput};  // what the send buffer did not take

  [[nodiscard]] bool may_read() const {
    return state == State::open && output.size() < kPauseAt;
  }

  [[nodiscard]] Interest interest() const {
    if (output.empty()) return Interest::readable;
    return may_read() ? Interest::both : Interest::writable;
  }
};
// end::connection[]

class Server {
 public:
  explicit Server(const Options& options)
      : trigger_(options.trigger),
        poller_(options.backend),
        connections_(options.max_connections),
        acceptor_(poller_, options) {}

  // tag::run[]
  void run() {
    for (;;) {
      for (const Event& event : poller_.wait(acceptor_.timeout())) {
        if (event.token == kListener) {
          accept_all();
        } else if (Connection* c = connections_.get(event.token)) {
          serve(*c, event);  // <1>
        } else {
          trace::stale(event.token);
        }
      }
      if (acceptor_.paused()) accept_all();
      tick();  // <2>
    }
  }
  // end::run[]

 private:
  // tag::welcome[]
  void accept_all() {
    acceptor_.accept_all([this] { return !connections_.full(); },
                         [this](Socket socket) { welcome(std::move(socket)); });
  }

  void welcome(Socket socket) {
    const std::optional<Token> token =
        connections_.emplace(Connection{std::move(socket)});
    if (!token) return;  // full: the socket closes here
    Connection& c = *connections_.get(*token);
    c.news = said_.size();  // <1>
    if (c.registration.open(poller_, c.socket.fd(), *token, trigger_)) {
      touch(c);
    } else {
      connections_.erase(*token);
    }
  }
  // end::welcome[]

  // ---- during the batch: read, and make notes ----------------------------
  // tag::serve[]
  void touch(Connection& c) {
    if (std::exchange(c.touched, true)) return;
    touched_.push_back(c.registration.token());
  }

  void serve(Connection& c, const Event& event) {
    touch(c);
    c.registration.heard(event);
    read_all(c);
  }
  // end::serve[]

  // tag::read[]
  void read_all(Connection& c) {
    for (std::size_t n = 0; n < kReadsPerEvent; ++n) {
      if (!c.registration.readable() || !c.may_read()) return;
      const IoResult got = c.socket.read(buffer_);
      c.registration.read(got, buffer_.size());
      switch (got.status) {
        case IoStatus::done:
          say(std::span(buffer_).first(got.bytes));
          break;
        case IoStatus::would_block:
          break;
        case IoStatus::closed:
          if (keep(c, news_of(c))) c.state = State::draining;  // <1>
          break;
        case IoStatus::failed:
          c.state = State::closed;  // <2>
          break;
      }
    }
  }

  void say(std::span<const std::byte> bytes) {
    if (said_.empty()) {
      for (Connection& c : connections_) touch(c);  // <3>
    }
    said_.insert(said_.end(), bytes.begin(), bytes.end());
  }
  // end::read[]

  // ---- after the batch: write, close, re-arm -----------------------------
  // tag::tick[]
  void tick() {
    trace::tick(touched_.size());
    for (const Token token : touched_) {
      if (Connection* c = connections_.get(token)) finish(*c);
    }
    touched_.clear();
    said_.clear();
    if (said_.capacity() > kKeptSaid) said_.shrink_to_fit();
  }

  void finish(Connection& c) {
    c.touched = false;
    if (c.state != State::closed) flush(c);
    if (c.state == State::draining && c.output.empty()) c.state = State::closed;
    if (c.state != State::closed &&
        !c.registration.settle(poller_, c.interest())) {  // <1>
      c.state = State::closed;
    }
    if (c.state == State::closed) remove(c);
  }

  void remove(Connection& c) {
    c.registration.close(poller_);
    connections_.erase(c.registration.token());
  }
  // end::tick[]

  // tag::flush[]
  // What was said in this batch since it came, and not to it yet.
  std::span<const std::byte> news_of(Connection& c) {
    const std::size_t from = std::exchange(c.news, 0);
    if (c.state != State::open) return {};
    return std::span(said_).subspan(from);
  }

  // One write: of what had to wait, or straight from what was said.
  void flush(Connection& c) {
    const std::span<const std::byte> news = news_of(c);
    const bool direct = c.output.empty();
    if (!direct && !keep(c, news)) return;
    const auto bytes = direct ? news : c.output.data();
    if (bytes.empty() || !c.registration.writable()) return;
    const IoResult put = c.socket.write(bytes);
    c.registration.wrote(put, bytes.size());
    switch (put.status) {
      case IoStatus::done:
      case IoStatus::would_block:
        if (!direct) return c.output.consume(put.bytes);
        keep(c, news.subspan(put.bytes));
        break;
      case IoStatus::closed:
      case IoStatus::failed:
        c.state = State::closed;
        break;
    }
  }

  // What must wait. False: it is too much, and the client is cut off.
  bool keep(Connection& c, std::span<const std::byte> bytes) {
    if (c.output.append(bytes)) return true;
    log::debug("client {} does not read, closing it",
               c.registration.token().slot);
    c.state = State::closed;
    return false;
  }
  // end::flush[]

  // tag::members[]
  Trigger trigger_;
  Poller poller_;
  Slab<Connection> connections_;
  Acceptor acceptor_;
  std::vector<Token> touched_;   // by this batch
  std::vector<std::byte> said_;  // in this batch, by anybody
  std::array<std::byte, kReadSize> buffer_;
  // end::members[]
};

void serve(const Options& options) {
  ignore_sigpipe();
  Server(options).run();
}

}  // namespace
}  // namespace tick

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "What one says, all hear, once a tick.",
                           tick::Accepts::trigger, tick::serve);
}
