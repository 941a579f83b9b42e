#include "common/file_descriptor.hpp"

#include <fcntl.h>

#include <utility>

#include "common/errors.hpp"
#include "common/sys.hpp"

namespace tick {

FileDescriptor::FileDescriptor(int fd) noexcept : fd_(fd) {}

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

FileDescriptor::~FileDescriptor() { reset(); }

void FileDescriptor::reset() noexcept {
  // No retry on EINTR: on Linux the descriptor is freed before the call can be
  // interrupted, and by now another thread may own the number (close(2)).
  if (fd_ >= 0) sys::close(std::exchange(fd_, -1));
}

// tag::set_nonblocking[]
void set_nonblocking(int fd) {
  const int flags = check("fcntl", ::fcntl(fd, F_GETFL));
  check("fcntl", ::fcntl(fd, F_SETFL, flags | O_NONBLOCK));
}
// end::set_nonblocking[]

}  // namespace tick
