// Socket: one non-blocking stream connection, owned.
//
// Every call returns at once. None throws for what the peer did.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>

#include "common/file_descriptor.hpp"
#include "common/io_result.hpp"
#include "common/where.hpp"

namespace tick {

class Socket {
 public:
  Socket() noexcept = default;
  explicit Socket(FileDescriptor fd) noexcept;  // must be non-blocking already

  // Reads what is there, at most `into`. `closed`: the peer has sent its last
  // byte; it may still be reading. Throws (a bug) on an empty `into`, for
  // which read(2) returns 0, exactly as it does at the end of the stream.
  IoResult read(std::span<std::byte> into, Where = Where::current()) const;

  // Writes as much of `from` as the send buffer takes: perhaps not all of it.
  // `closed`: the peer is gone (EPIPE, ECONNRESET). The kernel's passing lack
  // of memory (ENOBUFS, ENOMEM) is `would_block` with that error: try again,
  // lose nobody; but no edge will tell when, for no buffer was full.
  // Needs SIGPIPE ignored (signals.hpp), or a gone peer ends the process.
  IoResult write(std::span<const std::byte> from,
                 Where = Where::current()) const;

  // The same for bytes that lie in several places, in one call: writev(2),
  // or write(2) where it is one.
  // At most IOV_MAX parts (1,024 on Linux).
  IoResult write(std::span<const iovec> parts, Where = Where::current()) const;

  // Sends the end of the stream after what was written (FIN): the peer hears
  // it, and may go on sending. What a gone peer makes of it is no error.
  void stop_sending(Where = Where::current()) const;

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] bool valid() const noexcept { return fd_.valid(); }

 private:
  FileDescriptor fd_;
};

}  // namespace tick
