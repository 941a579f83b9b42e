#include "common/socket.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "tests/contract/socket_pair.hpp"

using tick::IoResult;
using tick::IoStatus;
using tick::Socket;

TEST_CASE("read takes what is there, then says would_block") {
  SocketPair pair = SocketPair::tcp();
  const Socket socket(std::move(pair.ours));
  pair.ours = {};
  std::array<std::byte, 64> into{};
  CHECK(socket.read(into).status == IoStatus::would_block);
  REQUIRE(::send(pair.theirs.get(), "abc", 3, 0) == 3);
  await_condition(socket.fd(), POLLIN);
  const IoResult result = socket.read(into);
  CHECK(result.status == IoStatus::done);
  CHECK(result.bytes == 3);
  CHECK(into[2] == std::byte{'c'});
  CHECK(socket.read(into).status == IoStatus::would_block);
}

TEST_CASE("read says closed at the end of the stream, not before the bytes") {
  SocketPair pair = SocketPair::tcp();
  pair.they_send("abc");
  pair.they_shut_down();
  const Socket socket(std::move(pair.ours));
  std::array<std::byte, 2> into{};
  CHECK(socket.read(into).bytes == 2);
  CHECK(socket.read(into).bytes == 1);
  CHECK(socket.read(into).status == IoStatus::closed);
  CHECK(socket.read(into).status == IoStatus::closed);
  // The peer may still be reading.
  CHECK(socket.write(into).status == IoStatus::done);
}

TEST_CASE("reading into nothing is a bug and throws: it would look closed") {
  SocketPair pair = SocketPair::tcp();
  const Socket socket(std::move(pair.ours));
  CHECK_THROWS_AS(static_cast<void>(socket.read({})), std::system_error);
}

TEST_CASE("write takes what fits, then says would_block, then goes on") {
  SocketPair pair = SocketPair::tcp();
  const Socket socket(std::move(pair.ours));
  const std::vector<std::byte> much(1 << 20, std::byte{'x'});
  const IoResult first = socket.write(much);
  CHECK(first.status == IoStatus::done);
  CHECK(first.bytes > 0);
  CHECK(first.bytes < much.size());
  std::size_t written = first.bytes;
  std::size_t read = 0;
  bool blocked = false;
  while (written < much.size()) {
    const IoResult result = socket.write(std::span(much).subspan(written));
    written += result.bytes;
    if (result.status == IoStatus::done) continue;
    REQUIRE(result.status == IoStatus::would_block);
    REQUIRE(result.bytes == 0);
    blocked = true;
    await_condition(pair.theirs.get(), POLLIN);
    read += pair.they_drain();
  }
  CHECK(blocked);
  while (read < written) {
    await_condition(pair.theirs.get(), POLLIN);
    read += pair.they_drain();
  }
  CHECK(read == much.size());
}

TEST_CASE("a write to a gone peer is closed and no signal") {
  SocketPair pair = SocketPair::tcp();
  pair.they_reset();
  const Socket socket(std::move(pair.ours));
  const std::array<std::byte, 8> from{};
  for (int i = 0; i < 3; ++i) {  // the first hears of the reset, then EPIPE
    const IoResult result = socket.write(from);
    CHECK(result.status == IoStatus::closed);
    CHECK(result.error.value() != 0);
  }
}

TEST_CASE("a read after a reset fails once with the reason") {
  SocketPair pair = SocketPair::tcp();
  pair.they_reset();
  const Socket socket(std::move(pair.ours));
  std::array<std::byte, 8> into{};
  const IoResult result = socket.read(into);
  CHECK(result.status == IoStatus::failed);
  CHECK(result.error.value() == ECONNRESET);
}

TEST_CASE("a socket of nothing is not valid") {
  CHECK_FALSE(Socket().valid());
  CHECK(Socket().fd() == -1);
}
