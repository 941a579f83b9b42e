#include "tests/contract/socket_pair.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "common/errors.hpp"
#include "common/listener.hpp"

using tick::check;
using tick::FileDescriptor;

namespace {

std::size_t drain(int fd) {
  std::array<char, 65536> bytes;
  std::size_t total = 0;
  for (;;) {
    const ssize_t n = ::read(fd, bytes.data(), bytes.size());
    if (n <= 0) return total;
    total += static_cast<std::size_t>(n);
  }
}

}  // namespace

SocketPair SocketPair::local() {
  std::array<int, 2> fds{};
  check("socketpair", ::socketpair(AF_UNIX, SOCK_STREAM, 0, fds.data()));
  SocketPair pair{FileDescriptor(fds[0]), FileDescriptor(fds[1])};
  tick::set_nonblocking(pair.ours.get());
  tick::set_nonblocking(pair.theirs.get());
  return pair;
}

SocketPair SocketPair::tcp() {
  const tick::Listener listener(
      tick::Endpoint::resolve("127.0.0.1", 0),
      {.mode = tick::Mode::blocking, .socket_buffers = 4096});
  SocketPair pair;
  pair.theirs =
      FileDescriptor(check("socket", ::socket(AF_INET, SOCK_STREAM, 0)));
  const int size = 4096;
  for (const int option : {SO_SNDBUF, SO_RCVBUF}) {
    check("setsockopt", ::setsockopt(pair.theirs.get(), SOL_SOCKET, option,
                                     &size, sizeof size));
  }
  const tick::Endpoint there = listener.endpoint();
  check("connect", ::connect(pair.theirs.get(), there.address(), there.size()));
  pair.ours = FileDescriptor(
      check("accept", ::accept(listener.fd(), nullptr, nullptr)));
  tick::set_nonblocking(pair.ours.get());
  tick::set_nonblocking(pair.theirs.get());
  return pair;
}

void SocketPair::they_send(std::string_view bytes) const {
  REQUIRE(::write(theirs.get(), bytes.data(), bytes.size()) ==
          static_cast<ssize_t>(bytes.size()));
  await_condition(ours.get(), POLLIN);
}

void SocketPair::they_shut_down() const {
  check("shutdown", ::shutdown(theirs.get(), SHUT_WR));
#ifdef POLLRDHUP  // Linux; it tells the end from bytes before it
  await_condition(ours.get(), POLLRDHUP);
#endif
  await_condition(ours.get(), POLLIN);
}

void SocketPair::they_reset() {
  const linger at_once{1, 0};
  check("setsockopt", ::setsockopt(theirs.get(), SOL_SOCKET, SO_LINGER,
                                   &at_once, sizeof at_once));
  theirs.reset();
  await_condition(ours.get(), POLLHUP);
}

void SocketPair::they_shout() const {
  REQUIRE(::send(theirs.get(), "!", 1, MSG_OOB) == 1);
  await_condition(ours.get(), POLLPRI);
}

std::size_t SocketPair::we_drain() const { return drain(ours.get()); }
std::size_t SocketPair::they_drain() const { return drain(theirs.get()); }

void SocketPair::we_fill() const {
  const std::array<char, 4096> bytes{};
  while (::write(ours.get(), bytes.data(), bytes.size()) > 0) {
  }
}

void await_condition(int fd, short bits) {
  pollfd state{fd, bits, 0};
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  do {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    ::poll(&state, 1, 10);
  } while ((state.revents & bits) != bits);
}
