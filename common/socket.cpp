#include "common/socket.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "common/errors.hpp"
#include "common/sys.hpp"

namespace tick {
namespace {

// What a call that writes came to; an interrupted one is made again.
template <class Call>
IoResult written(Call call) {
  for (;;) {
    const ssize_t n = call();
    if (n >= 0) return {IoStatus::done, static_cast<std::size_t>(n)};
    switch (errno) {
      case EINTR:
        continue;
      case EAGAIN:
#if EAGAIN != EWOULDBLOCK
      case EWOULDBLOCK:
#endif
        return {IoStatus::would_block};
      case ENOBUFS:
      case ENOMEM:  // for the moment; see would_block
        return {IoStatus::would_block, 0, {errno, std::generic_category()}};
      case EPIPE:
      case ECONNRESET:
        return {IoStatus::closed, 0, {errno, std::generic_category()}};
      default:
        return {IoStatus::failed, 0, {errno, std::generic_category()}};
    }
  }
}

}  // namespace

Socket::Socket(FileDescriptor fd) noexcept : fd_(std::move(fd)) {}

IoResult Socket::read(std::span<std::byte> into, Where where) const {
  if (into.empty()) throw_errno("Socket::read: empty buffer", EINVAL);
  for (;;) {
    const ssize_t n = sys::read(fd(), into.data(), into.size(), where);
    if (n > 0) return {IoStatus::done, static_cast<std::size_t>(n)};
    if (n == 0) return {IoStatus::closed};
    switch (errno) {
      case EINTR:
        continue;
      case EAGAIN:
#if EAGAIN != EWOULDBLOCK
      case EWOULDBLOCK:
#endif
        return {IoStatus::would_block};
      case ENOBUFS:
      case ENOMEM:  // for the moment; see would_block
        return {IoStatus::would_block, 0, {errno, std::generic_category()}};
      default:
        return {IoStatus::failed, 0, {errno, std::generic_category()}};
    }
  }
}

// tag::write[]
IoResult Socket::write(std::span<const std::byte> from, Where where) const {
  return written(
      [&] { return sys::write(fd(), from.data(), from.size(), where); });
}

IoResult Socket::write(std::span<const iovec> parts, Where where) const {
  if (parts.size() == 1) {  // no list, which the kernel would fetch and check
    const iovec& one = parts.front();
    return write({static_cast<const std::byte*>(one.iov_base), one.iov_len},
                 where);
  }
  const int count = static_cast<int>(parts.size());
  return written([&] { return sys::writev(fd(), parts.data(), count, where); });
}
// end::write[]

void Socket::stop_sending(Where where) const {
  static_cast<void>(sys::shutdown(fd(), SHUT_WR, where));
}

}  // namespace tick
