// A scripted kernel in place of common/sys.hpp.
//
// Each call takes the next line of the script and counts as made. Beyond the
// script a call fails with ENOSYS, which no code under test expects.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <deque>
#include <vector>

#include "common/where.hpp"

namespace fake {

struct Answer {
  ssize_t result;
  int error = 0;  // errno, when result is negative
};

inline std::deque<Answer> script;
inline int calls = 0;
inline std::vector<int> closed;
inline std::vector<std::byte> written;  // as many as the script said
inline std::vector<int> parts;          // that each call was given

inline ssize_t answer() noexcept {
  ++calls;
  if (script.empty()) {
    errno = ENOSYS;
    return -1;
  }
  const Answer next = script.front();
  script.pop_front();
  if (next.result < 0) errno = next.error;
  return next.result;
}

}  // namespace fake

namespace tick::sys {

inline ssize_t read(int, void*, std::size_t,
                    Where = Where::current()) noexcept {
  return fake::answer();
}
inline ssize_t writev(int, const iovec* parts, int count,
                      Where = Where::current()) {
  const ssize_t n = fake::answer();
  fake::parts.push_back(count);
  auto rest = static_cast<std::size_t>(n > 0 ? n : 0);
  for (int i = 0; i < count && rest > 0; ++i) {
    const auto* const bytes = static_cast<const std::byte*>(parts[i].iov_base);
    const std::size_t taken = std::min(rest, parts[i].iov_len);
    fake::written.insert(fake::written.end(), bytes, bytes + taken);
    rest -= taken;
  }
  return n;
}
inline ssize_t write(int fd, const void* data, std::size_t size,
                     Where where = Where::current()) {
  const iovec one{const_cast<void*>(data), size};
  return writev(fd, &one, 1, where);
}
inline int shutdown(int, int, Where = Where::current()) noexcept {
  return static_cast<int>(fake::answer());
}
inline int accept(int, bool, Where = Where::current()) noexcept {
  return static_cast<int>(fake::answer());
}
inline int close(int fd, Where = Where::current()) noexcept {
  fake::closed.push_back(fd);
  return 0;
}

}  // namespace tick::sys
