#include "common/listener.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "common/errors.hpp"

using tick::AcceptStatus;
using tick::Endpoint;
using tick::FileDescriptor;
using tick::Listener;

namespace {

const Endpoint kAnyPort = Endpoint::resolve("127.0.0.1", 0);

FileDescriptor connect_to(const Listener& listener) {
  FileDescriptor client(
      tick::check("socket", ::socket(AF_INET, SOCK_STREAM, 0)));
  const Endpoint there = listener.endpoint();
  tick::check("connect",
              ::connect(client.get(), there.address(), there.size()));
  pollfd waiting{listener.fd(), POLLIN, 0};
  REQUIRE(::poll(&waiting, 1, 10'000) == 1);
  return client;
}

int buffer_of(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  tick::check("getsockopt",
              ::getsockopt(fd, SOL_SOCKET, option, &value, &size));
  return value;
}

}  // namespace

TEST_CASE("port 0 picks a free port, a different one for each") {
  const Listener first(kAnyPort);
  const Listener second(kAnyPort);
  CHECK(first.endpoint().port() != 0);
  CHECK(first.endpoint().port() != second.endpoint().port());
}

TEST_CASE("a port in use throws with the words of the contract") {
  const Listener first(kAnyPort);
  try {
    const Listener second(first.endpoint());
    FAIL("nothing was thrown");
  } catch (const std::system_error& error) {
    CHECK(error.code().value() == EADDRINUSE);
    CHECK(std::string(error.what()) == "bind: Address already in use");
  }
}

TEST_CASE("an address that is not ours is refused by bind") {
  CHECK_THROWS_WITH_AS(Listener{Endpoint::resolve("192.0.2.1", 0)},
                       doctest::Contains("bind: "), std::system_error);
}

TEST_CASE("accept says would_block when nobody waits") {
  const Listener listener(kAnyPort);
  const tick::AcceptResult result = listener.accept();
  CHECK(result.status == AcceptStatus::would_block);
  CHECK_FALSE(result.socket.valid());
}

TEST_CASE("an accepted socket is non-blocking and closed on exec") {
  const Listener listener(kAnyPort);
  const FileDescriptor client = connect_to(listener);
  const tick::AcceptResult result = listener.accept();
  REQUIRE(result.status == AcceptStatus::accepted);
  const int fd = result.socket.fd();
  CHECK((::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(listener.accept().status == AcceptStatus::would_block);
}

TEST_CASE("a listener is non-blocking unless it is asked to block") {
  const Listener usual(kAnyPort);
  CHECK((::fcntl(usual.fd(), F_GETFL) & O_NONBLOCK) != 0);
  const Listener blocking(kAnyPort, {.mode = tick::Mode::blocking});
  CHECK((::fcntl(blocking.fd(), F_GETFL) & O_NONBLOCK) == 0);
}

TEST_CASE("a restart need not wait for old connections to time out") {
  const Listener listener(kAnyPort);
  CHECK(buffer_of(listener.fd(), SO_REUSEADDR) != 0);
}

TEST_CASE("socket buffers are set and inherited, or left to the system") {
  constexpr int kSize = 10'000;  // no system's default, nor half of one
  const Listener small(kAnyPort, {.socket_buffers = kSize});
  const FileDescriptor client = connect_to(small);
  const tick::AcceptResult result = small.accept();
  REQUIRE(result.status == AcceptStatus::accepted);
  const Listener usual(kAnyPort);
  for (const int option : {SO_SNDBUF, SO_RCVBUF}) {
    const int size = buffer_of(small.fd(), option);
    CHECK((size == kSize || size == 2 * kSize));  // Linux doubles it
    CHECK(buffer_of(result.socket.fd(), option) == size);
    CHECK(buffer_of(usual.fd(), option) != size);
  }
}

TEST_CASE("accept on what is no listener is a bug and throws") {
  const Listener listener(kAnyPort);
  const FileDescriptor stranger(::open("/dev/null", O_RDWR));
  REQUIRE(::dup2(stranger.get(), listener.fd()) == listener.fd());
  CHECK_THROWS_AS(static_cast<void>(listener.accept()), std::system_error);
}
