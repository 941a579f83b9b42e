#include "common/file_descriptor.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "common/errors.hpp"

using tick::FileDescriptor;

namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }
int open_one() { return tick::check("open", ::open("/dev/null", O_RDWR)); }

}  // namespace

TEST_CASE("a descriptor is closed at the end of its owner, and only then") {
  const int fd = open_one();
  {
    const FileDescriptor owner(fd);
    CHECK(owner.valid());
    CHECK(owner.get() == fd);
    CHECK(is_open(fd));
  }
  CHECK_FALSE(is_open(fd));
}

TEST_CASE("a descriptor is closed once: its number may be a stranger's then") {
  FileDescriptor owner(open_one());
  const int number = owner.get();
  owner.reset();
  CHECK_FALSE(owner.valid());
  const FileDescriptor stranger(open_one());
  REQUIRE(stranger.get() == number);
  owner.reset();
  CHECK(is_open(number));
  { const FileDescriptor gone = std::move(owner); }
  CHECK(is_open(number));
}

TEST_CASE("moving hands the descriptor over and closes what was there") {
  FileDescriptor first(open_one());
  FileDescriptor second(open_one());
  const int a = first.get();
  const int b = second.get();
  first = std::move(second);
  CHECK_FALSE(is_open(a));
  CHECK(is_open(b));
  CHECK(first.get() == b);
  CHECK_FALSE(second.valid());  // NOLINT(bugprone-use-after-move)
  const FileDescriptor third(std::move(first));
  CHECK(third.get() == b);
  CHECK_FALSE(first.valid());  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("moving a descriptor into itself keeps it") {
  FileDescriptor owner(open_one());
  const int fd = owner.get();
  FileDescriptor& same = owner;
  owner = std::move(same);
  CHECK(owner.get() == fd);
  CHECK(is_open(fd));
}

TEST_CASE("an owner of nothing closes nothing") {
  const FileDescriptor none;
  CHECK(none.get() == -1);
  CHECK_FALSE(none.valid());
  CHECK_FALSE(FileDescriptor(-1).valid());
}

TEST_CASE("a non-blocking read of nothing says EAGAIN, also through a dup") {
  int ends[2];
  tick::check("pipe", ::pipe(ends));
  const FileDescriptor read_end(ends[0]);
  const FileDescriptor write_end(ends[1]);
  const FileDescriptor twin(::dup(ends[0]));
  tick::set_nonblocking(read_end.get());
  char byte = 0;
  CHECK(::read(twin.get(), &byte, 1) == -1);
  CHECK(errno == EAGAIN);
  CHECK_THROWS_WITH_AS(tick::set_nonblocking(-1), "fcntl: Bad file descriptor",
                       std::system_error);
}

TEST_CASE("a failed call is named first, then the reason") {
  errno = EADDRINUSE;
  CHECK_THROWS_WITH_AS(tick::check("bind", -1), "bind: Address already in use",
                       std::system_error);
  CHECK_THROWS_WITH_AS(tick::throw_errno("listen", EACCES),
                       "listen: Permission denied", std::system_error);
  CHECK(tick::check("socket", 7) == 7);
  CHECK(tick::check("socket", 0) == 0);
  try {
    tick::throw_errno("accept", EMFILE);
  } catch (const std::system_error& error) {
    CHECK(error.code().value() == EMFILE);
    CHECK((error.code() == std::errc::too_many_files_open));
  }
}
