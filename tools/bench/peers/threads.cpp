// Echo with a thread for each client, which reads and writes blocking.

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>
#include <thread>

#include "common/errors.hpp"
#include "common/file_descriptor.hpp"
#include "common/listener.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "tools/bench/peers/listen.hpp"

namespace {

void serve_client(const tick::FileDescriptor& client) {
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    const ssize_t n = ::read(client.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    for (ssize_t sent = 0; sent < n;) {
      const ssize_t more = ::write(client.get(), buffer.data() + sent,
                                   static_cast<std::size_t>(n - sent));
      if (more < 0 && errno == EINTR) continue;
      if (more < 0) return;
      sent += more;
    }
  }
}

void serve(const tick::Options& options) {
  tick::ignore_sigpipe();
  const tick::Listener listener = peers::listen(options, tick::Mode::blocking);
  tick::announce(listener);
  for (;;) {
    tick::FileDescriptor client(::accept(listener.fd(), nullptr, nullptr));
    if (!client.valid()) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      tick::throw_errno("accept");
    }
    std::thread([c = std::move(client)] { serve_client(c); }).detach();
  }
}

}  // namespace

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Echo with a thread for each client.",
                           tick::Accepts::basics, serve);
}
