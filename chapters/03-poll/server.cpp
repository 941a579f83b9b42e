// Chapter 03: an echo server that sleeps until there is something to do.
//
// What it does: hands poll() the list of all descriptors with what each is
// waited for, sleeps, and serves those that poll() says are ready.
//
// New here: readiness, level-triggered; write interest only while something
//   is queued; two ifs, never else-if; hang-ups; accepting until EAGAIN; a
//   pause for a client that does not read and for a machine that is full.
// Still missing: a cost that does not grow with idle clients, an event that
//   finds its connection without a search, and a connection limit (04).

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "common/byte_buffer.hpp"
#include "common/errors.hpp"
#include "common/log.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "common/socket.hpp"
#include "common/sys.hpp"

namespace tick {
namespace {

// tag::limits[]
constexpr std::size_t kReadSize = 16 * 1024;   // bytes a read: fairness
constexpr std::size_t kMaxOutput = 64 * 1024;  // bytes waiting for a client

// How long a full machine is left alone before accept() is tried again.
constexpr std::chrono::milliseconds kPause{100};
// end::limits[]

// tag::connection[]
struct Connection {
  Socket socket;
  ByteBuffer output{kMaxOutput};
  bool ended = false;   // the client will send no more
  bool closed = false;  // to be removed after this batch

  [[nodiscard]] bool may_read() const {
    return !ended && output.room() > 0;  // <1>
  }

  [[nodiscard]] short interest() const {  // <2>
    int wanted = 0;
    if (may_read()) wanted |= POLLIN;
    if (!output.empty()) wanted |= POLLOUT;  // <3>
    return static_cast<short>(wanted);
  }
};
// end::connection[]

class Server {
 public:
  explicit Server(const Options& options) : listener_(listen(options)) {
    announce(listener_);
  }

  // tag::run[]
  void run() {
    for (;;) {
      describe();                                                // <1>
      if (sys::poll(fds_.data(), fds_.size(), timeout()) < 0) {  // <2>
        if (errno == EINTR) continue;
        throw_errno("poll");
      }
      for (std::size_t i = 1; i < fds_.size(); ++i) {
        if (fds_[i].revents == 0) continue;  // <3>
        serve(connections_[i - 1], fds_[i].revents);
      }
      if (fds_[0].revents != 0 || paused_) accept_all();  // <4>
      std::erase_if(connections_, [](const auto& c) { return c.closed; });
    }
  }
  // end::run[]

 private:
  // tag::describe[]
  void describe() {
    fds_.clear();
    fds_.push_back({paused_ ? -1 : listener_.fd(), POLLIN, 0});  // <1>
    for (const Connection& c : connections_) {
      fds_.push_back({c.socket.fd(), c.interest(), 0});
    }
  }

  [[nodiscard]] int timeout() const {
    return paused_ ? static_cast<int>(kPause.count()) : -1;  // <2>
  }
  // end::describe[]

  // tag::accept[]
  void accept_all() {
    const bool was_paused = std::exchange(paused_, false);
    for (;;) {
      AcceptResult result = listener_.accept();
      switch (result.status) {
        case AcceptStatus::accepted:
          connections_.push_back({std::move(result.socket)});
          break;
        case AcceptStatus::retry:
          break;
        case AcceptStatus::would_block:  // <1>
          return;
        case AcceptStatus::exhausted:  // <2>
          if (!was_paused) log::warn("accept: {}", result.error.message());
          paused_ = true;
          return;
      }
    }
  }
  // end::accept[]

  // tag::serve[]
  void serve(Connection& c, short revents) {
    constexpr int kTrouble = POLLERR | POLLHUP;                 // <1>
    if ((revents & (POLLIN | kTrouble)) != 0) on_readable(c);   // <2>
    if ((revents & (POLLOUT | kTrouble)) != 0) on_writable(c);  // <3>
    if (c.ended && c.output.empty()) c.closed = true;           // <4>
  }
  // end::serve[]

  // tag::readable[]
  void on_readable(Connection& c) {
    if (!c.may_read()) return;  // <1>
    const std::size_t room = std::min(buffer_.size(), c.output.room());
    const IoResult got = c.socket.read(std::span(buffer_).first(room));
    switch (got.status) {
      case IoStatus::done:
        if (!c.output.append(std::span(buffer_).first(got.bytes))) {
          c.closed = true;  // cannot be: `room` bytes were free
        }
        on_writable(c);  // <2>
        break;
      case IoStatus::would_block:  // <3>
        break;
      case IoStatus::closed:
        c.ended = true;  // <4>
        break;
      case IoStatus::failed:
        c.closed = true;
        break;
    }
  }
  // end::readable[]

  // tag::writable[]
  void on_writable(Connection& c) {
    if (c.closed || c.output.empty()) return;
    const IoResult put = c.socket.write(c.output.data());
    switch (put.status) {
      case IoStatus::done:
        c.output.consume(put.bytes);  // <1>
        break;
      case IoStatus::would_block:
        break;
      case IoStatus::closed:
      case IoStatus::failed:
        c.closed = true;
        break;
    }
  }
  // end::writable[]

  // tag::state[]
  Listener listener_;
  std::vector<Connection> connections_;
  std::vector<pollfd> fds_;  // [0] the listener, [i + 1] connections_[i]
  bool paused_ = false;      // the machine was full: accept later
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
  return tick::run_program(argc, argv, "Echo, one thread that waits in poll.",
                           tick::Accepts::basics, tick::serve);
}
