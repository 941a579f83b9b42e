// Chapter 01: an echo server with a thread for each connection.
//
// What it does: waits in accept() for clients and gives each a thread, which
// waits in read() and write() for that client alone. The code of a thread is
// the plainest there is, because waiting for one client stops nobody else.
//
// New here: blocking read and write; partial writes; EINTR; SIGPIPE; what
//   accept() says when the machine is full.
// Still missing: a way to serve many clients without a thread, a stack and
//   two context switches for each (02 stops waiting, 03 learns to wait for
//   all); a limit on connections (04); a way to end a silent client (09).

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <span>
#include <system_error>
#include <thread>
#include <utility>

#include "blocking_io.hpp"
#include "common/errors.hpp"
#include "common/file_descriptor.hpp"
#include "common/log.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "common/sys.hpp"

namespace tick {
namespace {

constexpr std::size_t kReadSize = 16 * 1024;  // bytes asked for in one read

// How long to leave a full machine alone before accept() is tried again.
constexpr std::chrono::milliseconds kPause{100};

// tag::serve[]
void serve_client(const FileDescriptor& client) {
  std::array<std::byte, kReadSize> buffer;
  for (;;) {
    const ssize_t n = read_some(client.get(), buffer);
    if (n <= 0) return;
    const auto count = static_cast<std::size_t>(n);
    if (!write_all(client.get(), std::span(buffer).first(count))) return;
  }
}
// end::serve[]

// tag::thread[]
void start_thread(FileDescriptor client) {
  try {
    std::thread([owned = std::move(client)] {
      serve_client(owned);  // <1>
    }).detach();            // <2>
  } catch (const std::system_error& error) {
    log::warn("no thread for a client, closing it: {}", error.what());  // <3>
  }
}
// end::thread[]

// tag::accept[]
FileDescriptor accept_client(const Listener& listener) {
  for (;;) {
    FileDescriptor client(sys::accept(listener.fd(), false));
    if (client.valid()) return client;
    switch (errno) {
      case EMFILE:  // <1>
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        log::warn("accept: {}, trying again in {} ms",
                  std::generic_category().message(errno), kPause.count());
        std::this_thread::sleep_for(kPause);
        break;
      case EBADF:  // <2>
      case EFAULT:
      case EINVAL:
      case ENOTSOCK:
        throw_errno("accept");
      default:  // <3>
        break;
    }
  }
}
// end::accept[]

// tag::loop[]
void serve(const Options& options) {
  ignore_sigpipe();  // <1>
  const Listener listener = listen(options, Mode::blocking);
  announce(listener);
  for (;;) start_thread(accept_client(listener));  // <2>
}
// end::loop[]

}  // namespace
}  // namespace tick

// tag::main[]
int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Echo, a thread for each connection.",
                           tick::Accepts::basics, tick::serve);
}
// end::main[]
