// Listener: a listening socket, and what accept(2) can say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <system_error>

#include "common/endpoint.hpp"
#include "common/file_descriptor.hpp"
#include "common/socket.hpp"
#include "common/where.hpp"

namespace tick {

enum class AcceptStatus : std::uint8_t {
  accepted,     // `socket` is the new connection
  would_block,  // nobody is waiting (any more)
  retry,        // that one connection failed before we took it: ask again
  exhausted,    // no descriptor or memory left: ask again later, not at once
};

struct [[nodiscard]] AcceptResult {
  AcceptStatus status = AcceptStatus::would_block;
  Socket socket = {};
  std::error_code error = {};
};

enum class Mode : std::uint8_t { nonblocking, blocking };

struct ListenOptions {
  Mode mode = Mode::nonblocking;
  // How many connections the kernel completes ahead of accept(2). The kernel
  // cuts it to net.core.somaxconn, 4,096 since Linux 5.4 (listen(2)).
  int backlog = 4096;
  // SO_SNDBUF and SO_RCVBUF in bytes, inherited by accepted sockets; 0 leaves
  // the system's choice, which grows to megabytes. Linux doubles the figure
  // and keeps at least 4,608 and 2,304 bytes (socket(7)).
  int socket_buffers = 0;
};

class Listener {
 public:
  // Binds and listens. SO_REUSEADDR is set, so that a restart need not wait
  // out TIME_WAIT. Throws std::system_error naming the call that failed.
  explicit Listener(const Endpoint& endpoint, ListenOptions options = {});

  // Takes one waiting connection, non-blocking. For Mode::nonblocking.
  // Throws std::system_error only for a bug (EBADF, EINVAL, ENOTSOCK).
  AcceptResult accept(Where where = Where::current()) const;

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] Endpoint endpoint() const;  // with the port that was chosen

 private:
  FileDescriptor fd_;
};

// What an errno of accept(2) means for the loop: `retry`, `exhausted` or
// `would_block`. The list of errors is accept(2)'s, section "Error handling".
// Throws std::system_error for one that only a bug can cause.
AcceptStatus accept_status(int error);

}  // namespace tick
