// Chapter 07: a multi-echo server of messages.
//
// What it does: what one client sends goes to every client, the sender
// included, message by message, in one order that is the same for all.
//
// New here: a decoder makes frames of whatever pieces come; they lie in memory
//   once, for all who wait for them; many leave in one write; limits
//   (--max-frame, --max-pending); an end for a stream that cannot be followed.
// Still missing: something to say (08); deadlines, and patience (09).

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "common/acceptor.hpp"
#include "common/frame_batch.hpp"
#include "common/frame_decoder.hpp"
#include "common/frame_queue.hpp"
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
constexpr std::size_t kReadsPerEvent = 4;     // fairness
constexpr std::size_t kPauseAt = 64 * 1024;   // waiting for it: read no more
constexpr std::size_t kMaxDropped = 1 << 20;  // bytes, from a refused stream
// end::limits[]

// tag::state[]
enum class State : std::uint8_t {
  open,      // reads and writes
  draining,  // it sends no more: it gets what waits for it, then the end
  refused,   // it gets the same; what it still sends is dropped
  lingers,   // it has got the end, and has not answered with its own
  closed,    // over: the tick removes it
};
// end::state[]

// tag::connection[]
struct Connection {
  Socket socket;
  FrameDecoder decoder;  // what has come of the next frame
  FrameQueue output;     // what the send buffer did not take
  Registration registration = {};
  State state = State::open;
  bool touched = false;     // on the list of this tick
  std::size_t news = 0;     // where in said_ begins what it has not got,
  std::size_t last = 0;     // and where it ended when the client did
  std::size_t dropped = 0;  // bytes, since it was refused

  [[nodiscard]] bool may_read() const {
    if (state == State::open) return output.bytes() < kPauseAt;
    return state == State::refused || state == State::lingers;
  }

  [[nodiscard]] Interest interest() const {
    if (output.empty()) return Interest::readable;
    return may_read() ? Interest::both : Interest::writable;
  }
};
// end::connection[]

class Server {
 public:
  // tag::start[]
  explicit Server(const Options& options)
      : options_(options),
        poller_(options.backend),
        connections_(options.max_connections),
        acceptor_(poller_, options) {
    touched_.reserve(options.max_connections);  // so that touch cannot fail
  }
  // end::start[]

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
      tick();
    }
  }

 private:
  void accept_all() {
    acceptor_.accept_all([this] { return !connections_.full(); },
                         [this](Socket socket) { welcome(std::move(socket)); });
  }

  // tag::welcome[]
  void welcome(Socket socket) {
    const std::optional<Token> token = connections_.emplace(
        Connection{std::move(socket), FrameDecoder(options_.max_frame),
                   FrameQueue(options_.max_pending)});
    if (!token) return;  // full: the socket closes here
    Connection& c = *connections_.get(*token);
    c.news = said_.size();
    const int fd = c.socket.fd();
    if (c.registration.open(poller_, fd, *token, options_.trigger)) {
      touch(c);
    } else {
      connections_.erase(*token);
    }
  }
  // end::welcome[]

  void touch(Connection& c) {
    if (std::exchange(c.touched, true)) return;
    touched_.push_back(c.registration.token());
  }

  // tag::serve[]
  void serve(Connection& c, const Event& event) {
    touch(c);
    c.registration.heard(event);
    try {
      read_all(c);
    } catch (const std::bad_alloc&) {  // <1>
      c.state = State::closed;
    }
  }
  // end::serve[]

  // tag::read[]
  void read_all(Connection& c) {
    for (std::size_t n = 0; n < kReadsPerEvent; ++n) {
      if (!c.registration.readable() || !c.may_read()) return;
      const std::span<std::byte> space = c.decoder.prepare(buffer_);  // <1>
      const IoResult got = c.socket.read(space);
      c.registration.read(got, space.size());
      switch (got.status) {
        case IoStatus::done:
          take(c, got.bytes);
          break;
        case IoStatus::would_block:
          break;
        case IoStatus::closed:
          end(c, State::draining);  // <2>
          break;
        case IoStatus::failed:
          c.state = State::closed;
          break;
      }
    }
  }

  // end::read[]

  // tag::take[]
  void take(Connection& c, std::size_t bytes) {
    if (c.state != State::open) {  // <1>
      c.dropped += bytes;
      if (c.dropped > kMaxDropped) c.state = State::closed;
      return;
    }
    c.decoder.commit(bytes);
    for (;;) {  // <2>
      Decoded got = c.decoder.next();
      switch (got.status) {
        case DecodeStatus::frame:
          trace::frame(c.socket.fd(), got.frame.payload().size());
          say(std::move(got.frame));
          break;
        case DecodeStatus::incomplete:
          return;
        case DecodeStatus::too_large:
          return end(c, State::refused);  // <3>
      }
    }
  }

  // end::take[]

  // tag::say[]
  // It gets what has been said so far, and no more.
  void end(Connection& c, State state) {
    if (c.state == State::open) c.last = said_.size();  // <1>
    c.state = state;
  }

  void say(Frame frame) {
    if (said_.empty()) {
      for (Connection& c : connections_) touch(c);
    }
    said_.push(std::move(frame));  // <2>
  }
  // end::say[]

  // tag::tick[]
  void tick() {
    trace::tick(touched_.size());
    for (const Token token : touched_) {
      if (Connection* c = connections_.get(token)) finish(*c);
    }
    touched_.clear();
    said_.clear();
  }

  void finish(Connection& c) {
    c.touched = false;
    if (c.state != State::closed) flush(c);
    if (c.state == State::draining && c.output.empty()) c.state = State::closed;
    if (c.state == State::refused && c.output.empty()) {
      c.socket.stop_sending();  // <1>
      c.state = State::lingers;
    }
    if (c.state != State::closed &&
        !c.registration.settle(poller_, c.interest())) {
      c.state = State::closed;
    }
    if (c.state == State::closed) {
      c.registration.close(poller_);
      connections_.erase(c.registration.token());
    }
  }
  // end::tick[]

  // tag::flush[]
  News news_of(Connection& c) {
    const std::size_t from = std::exchange(c.news, 0);
    const std::size_t last = std::exchange(c.last, 0);
    return said_.news(from, c.state == State::open ? said_.size() : last);
  }

  void flush(Connection& c) {
    const SendStatus sent =
        c.output.write(c.socket, c.registration, news_of(c));
    if (sent != SendStatus::done) c.state = State::closed;
  }
  // end::flush[]

  // tag::members[]
  Options options_;
  Poller poller_;
  Slab<Connection> connections_;
  Acceptor acceptor_;
  std::vector<Token> touched_;  // by this batch
  FrameBatch said_;             // in this batch, by anybody
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
  return tick::run_program(argc, argv, "What one says, all hear, whole.",
                           tick::Accepts::frames, tick::serve);
}
