// Chapter 02: an echo server in which nothing ever waits.
//
// What it does: one thread goes round all connections for ever and asks each
// "any bytes? room for mine?". The calls answer at once, if need be with "not
// now" (EAGAIN).
//
// New here: O_NONBLOCK; EAGAIN as an outcome, not an error; a connection's
//   state in a struct instead of on a thread's stack; output that waits in a
//   buffer of our own.
// Still missing: somebody who tells us when there is something to do. Until
//   then the loop burns a whole core with nobody talking (03: poll).

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "common/file_descriptor.hpp"
#include "common/io_result.hpp"
#include "common/log.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "common/sys.hpp"

namespace tick {
namespace {

// Bytes asked for in one read, and so the most that can wait for a client:
// the next read comes when these are written.
constexpr std::size_t kReadSize = 16 * 1024;

// tag::read_some[]
IoResult read_some(int fd, std::span<std::byte> into) {
  for (;;) {
    const ssize_t n = sys::read(fd, into.data(), into.size());
    if (n > 0) return {IoStatus::done, static_cast<std::size_t>(n)};
    if (n == 0) return {IoStatus::closed};  // <1>
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return {IoStatus::would_block};  // <2>
    }
    return {IoStatus::failed, 0, {errno, std::generic_category()}};
  }
}
// end::read_some[]

// tag::write_some[]
IoResult write_some(int fd, std::span<const std::byte> from) {
  for (;;) {
    const ssize_t n = sys::write(fd, from.data(), from.size());
    if (n >= 0) return {IoStatus::done, static_cast<std::size_t>(n)};  // <1>
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return {IoStatus::would_block};
    }
    return {IoStatus::failed, 0, {errno, std::generic_category()}};
  }
}
// end::write_some[]

// tag::connection[]
struct Connection {
  FileDescriptor socket;
  std::vector<std::byte> output;  // read, and not written back yet  <1>
  bool ended = false;             // the client will send no more
};
// end::connection[]

// tag::class[]
class Server {
 public:
  explicit Server(const Options& options) : listener_(listen(options)) {
    announce(listener_);
  }
  // end::class[]

  // tag::run[]
  void run() {
    for (;;) {
      accept_all();
      std::erase_if(connections_, [this](Connection& connection) {
        return !serve(connection);  // <1>
      });
    }  // <2>
  }
  // end::run[]

 private:
  // tag::accept[]
  void accept_all() {
    for (;;) {
      FileDescriptor client(sys::accept(listener_.fd(), true));  // <1>
      if (!client.valid()) {
        switch (accept_status(errno)) {
          case AcceptStatus::accepted:
          case AcceptStatus::would_block:  // <2>
          case AcceptStatus::exhausted:    // <3>
            return;
          case AcceptStatus::retry:
            continue;
        }
      }
      connections_.push_back({std::move(client), {}});
    }
  }
  // end::accept[]

  // tag::serve[]
  // Does what can be done for one client now; false when it is finished.
  bool serve(Connection& c) {
    if (!c.ended && c.output.empty()) {  // <1>
      const IoResult got = read_some(c.socket.get(), buffer_);
      switch (got.status) {
        case IoStatus::done:
          c.output.assign(buffer_.begin(),
                          buffer_.begin() + static_cast<long>(got.bytes));
          break;
        case IoStatus::would_block:
          break;
        case IoStatus::closed:
          c.ended = true;  // <2>
          break;
        case IoStatus::failed:
          return false;
      }
    }
    return flush(c) && !(c.ended && c.output.empty());
  }
  // end::serve[]

  // tag::flush[]
  static bool flush(Connection& c) {
    if (c.output.empty()) return true;
    const IoResult put = write_some(c.socket.get(), c.output);
    if (put.status == IoStatus::failed) return false;
    c.output.erase(c.output.begin(),
                   c.output.begin() + static_cast<long>(put.bytes));  // <1>
    return true;
  }
  // end::flush[]

  // tag::members[]
  Listener listener_;
  std::vector<Connection> connections_;
  std::array<std::byte, kReadSize> buffer_;
  // end::members[]
};

// tag::program[]
void serve(const Options& options) {
  ignore_sigpipe();
  Server(options).run();
}
// end::program[]

}  // namespace
}  // namespace tick

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Echo, one thread that never waits.",
                           tick::Accepts::basics, tick::serve);
}
