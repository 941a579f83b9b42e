// read and write that wait, as the three programs of this chapter use them.
#pragma once

#include <cerrno>
#include <cstddef>
#include <span>

#include "common/sys.hpp"

namespace tick {

// tag::read_some[]
// Waits for bytes. Returns how many came: 0 at the end of the stream, -1 when
// the connection is broken (errno says how).
inline ssize_t read_some(int fd, std::span<std::byte> into) {
  ssize_t n = 0;
  do {
    n = sys::read(fd, into.data(), into.size());
  } while (n < 0 && errno == EINTR);  // <1>
  return n;
}
// end::read_some[]

// tag::write_all[]
// Waits until every byte is in the kernel's hands; false when the connection
// is broken.
inline bool write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = sys::write(fd, bytes.data(), bytes.size());  // <1>
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;                             // <2>
    bytes = bytes.subspan(static_cast<std::size_t>(n));  // <3>
  }
  return true;
}
// end::write_all[]

}  // namespace tick
