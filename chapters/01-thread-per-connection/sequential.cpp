// Chapter 01, first try: an echo server for one client at a time.
//
// The second client is connected, and its bytes arrive: the kernel sees to
// that. But nobody reads them until the first client leaves.

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>

#include "blocking_io.hpp"
#include "common/errors.hpp"
#include "common/file_descriptor.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "common/sys.hpp"

namespace tick {
namespace {

constexpr std::size_t kReadSize = 16 * 1024;  // bytes asked for in one read

void serve_client(const FileDescriptor& client) {
  std::array<std::byte, kReadSize> buffer;
  for (;;) {
    const ssize_t n = read_some(client.get(), buffer);
    if (n <= 0) return;
    const auto count = static_cast<std::size_t>(n);
    if (!write_all(client.get(), std::span(buffer).first(count))) return;
  }
}

// tag::loop[]
void serve(const Options& options) {
  ignore_sigpipe();
  const Listener listener = listen(options, Mode::blocking);
  announce(listener);
  for (;;) {
    const FileDescriptor client(sys::accept(listener.fd(), false));  // <1>
    if (client.valid()) {
      serve_client(client);  // <2>
    } else if (accept_status(errno) == AcceptStatus::exhausted) {
      throw_errno("accept");
    }
  }  // <3>
}
// end::loop[]

}  // namespace
}  // namespace tick

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Echo, one client at a time.",
                           tick::Accepts::basics, tick::serve);
}
