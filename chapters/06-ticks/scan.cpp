// The seeds' tick: four flags, and every slot is walked at the end of a batch.
//
// What it does: the same as server.cpp, and with the same limits; but who has
// to be looked at is not written down anywhere.
//
// New here: handlers set flags in the connection; the tick goes through all
//   slots and removes those that are reset and re-registers those that are
//   idle, each with one call, whether anything has changed or not.
// Still missing: a list of those whose flags were set, so that a tick costs
//   nothing for the silent ones, and one state in place of so many flags
//   (server.cpp).

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

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

constexpr std::size_t kReadSize = 16 * 1024;  // bytes a read
constexpr std::size_t kReadsPerEvent = 4;     // then it is others' turn

// Bytes that may wait for one client; from kPauseAt on it is not read from.
constexpr std::size_t kPauseAt = 64 * 1024;
constexpr std::size_t kMaxOutput = 256 * 1024;

// Bytes kept for what is said in a batch; what a burst needs beyond is freed.
constexpr std::size_t kKeptSaid = 1024 * 1024;

// tag::connection[]
struct Connection {
  Socket socket;
  Token token = {};
  bool is_reset = false;            // over: the tick removes it
  bool is_idle = false;             // served: the tick re-registers it
  bool read_continuation = false;   // there may be more to read
  bool write_continuation = false;  // room for what waits in output
  bool is_ended = false;            // <1>
  bool drain = false;               // a short read says nothing (Event::drain)
  std::size_t news = 0;             // where in said_ begins what it has not got
  ByteBuffer output{kMaxOutput};

  [[nodiscard]] bool may_read() const {
    return !is_reset && !is_ended && output.size() < kPauseAt;
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

  void run() {
    for (;;) {
      for (const Event& event : poller_.wait(acceptor_.timeout())) {
        if (event.token == kListener) {
          accept_all();
        } else if (Connection* c = connections_.get(event.token)) {
          ready(*c, event);
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

  void welcome(Socket socket) {
    const std::optional<Token> token =
        connections_.emplace(Connection{std::move(socket)});
    if (!token) return;  // full: the socket closes here
    Connection& c = *connections_.get(*token);
    c.token = *token;
    c.news = said_.size();
    try {
      poller_.add(c.socket.fd(), c.token, Interest::readable, trigger_);
    } catch (const std::system_error& error) {  // the machine is full
      log::debug("refusing a client: {}", error.what());
      connections_.erase(c.token);
    }
  }

  // ---- during the batch: set flags ---------------------------------------
  // tag::ready[]
  void ready(Connection& c, const Event& event) {
    if (c.is_reset) return;  // an event of this batch, and too late
    c.read_continuation = c.read_continuation || event.readable;
    c.drain = c.drain || event.drain;
    read_all(c);
    if (event.writable) c.write_continuation = !c.output.empty();
    c.is_idle = true;  // <1>
  }
  // end::ready[]

  // tag::read[]
  void read_all(Connection& c) {
    for (std::size_t n = 0; n < kReadsPerEvent; ++n) {
      if (!c.read_continuation || !c.may_read()) return;
      const IoResult got = c.socket.read(buffer_);
      c.read_continuation = got.status == IoStatus::done &&
                            (got.bytes == buffer_.size() || c.drain);
      switch (got.status) {
        case IoStatus::done:
          said_.insert(said_.end(), buffer_.begin(),
                       buffer_.begin() + static_cast<long>(got.bytes));
          break;
        case IoStatus::would_block:
          break;
        case IoStatus::closed:
          keep(c, news_of(c));
          c.is_ended = true;
          break;
        case IoStatus::failed:
          c.is_reset = true;
          break;
      }
    }
  }
  // end::read[]

  // ---- after the batch: all slots ----------------------------------------
  // tag::tick[]
  void tick() {
    trace::tick(connections_.size());
    for (Connection& c : connections_) {
      if (!c.is_reset) flush(c);
      if (c.is_ended && c.output.empty()) c.is_reset = true;
      if (!c.is_reset && c.is_idle) reregister(c);  // <1>
      if (c.is_reset) remove(c);                    // <2>
    }
    said_.clear();
    if (said_.capacity() > kKeptSaid) said_.shrink_to_fit();
  }

  void reregister(Connection& c) {
    try {
      poller_.modify(c.socket.fd(), c.token, c.interest(), trigger_);
      c.is_idle = false;
      c.read_continuation = false;              // what is there is told again
    } catch (const std::system_error& error) {  // the machine is full
      log::debug("closing a client: {}", error.what());
      c.is_reset = true;
    }
  }

  void remove(Connection& c) {
    poller_.remove(c.socket.fd());
    connections_.erase(Token(c.token));
  }
  // end::tick[]

  // What was said in this batch since it came, and not to it yet.
  std::span<const std::byte> news_of(Connection& c) {
    const std::size_t from = std::exchange(c.news, 0);
    if (c.is_ended) return {};
    return std::span(said_).subspan(from);
  }

  void flush(Connection& c) {
    if (said_.empty() && !c.write_continuation) return;
    const std::span<const std::byte> news = news_of(c);
    const bool direct = c.output.empty();
    if (!direct && !keep(c, news)) return;
    const auto bytes = direct ? news : c.output.data();
    if (bytes.empty() || (!direct && !c.write_continuation)) return;
    c.write_continuation = false;
    const IoResult put = c.socket.write(bytes);
    switch (put.status) {
      case IoStatus::done:
      case IoStatus::would_block:
        if (!direct) return c.output.consume(put.bytes);
        keep(c, news.subspan(put.bytes));
        break;
      case IoStatus::closed:
      case IoStatus::failed:
        c.is_reset = true;
        break;
    }
  }

  // What must wait. False: it is too much, and the client is cut off.
  bool keep(Connection& c, std::span<const std::byte> bytes) {
    const Interest before = c.interest();
    if (!c.output.append(bytes)) {
      log::debug("client {} does not read, closing it", c.token.slot);
      c.is_reset = true;
      return false;
    }
    if (c.interest() != before) c.is_idle = true;  // to be asked for anew
    return true;
  }

  Trigger trigger_;
  Poller poller_;
  Slab<Connection> connections_;
  Acceptor acceptor_;
  std::vector<std::byte> said_;  // in this batch, by anybody
  std::array<std::byte, kReadSize> buffer_;
};

void serve(const Options& options) {
  ignore_sigpipe();
  Server(options).run();
}

}  // namespace
}  // namespace tick

int main(int argc, char** argv) {
  return tick::run_program(argc, argv,
                           "What one says, all hear; a walk a tick.",
                           tick::Accepts::trigger, tick::serve);
}
