#include "tools/bench/generator/streams.hpp"

#include <fmt/core.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bench {
namespace {

constexpr std::size_t kReadSize = 256 * 1024;
constexpr std::uint32_t kReadable = EPOLLIN;
constexpr std::uint32_t kBoth = EPOLLIN | EPOLLOUT;

}  // namespace

Streams::Streams(Bench& bench)
    : bench_(bench), clients_(bench.settings.clients), buffer_(kReadSize) {}

// The idle come first, so that theirs are the low descriptors of a server that
// looks at all of them. Those who write are spread among the others: a server
// that tells the first first would else have the next message long before it is
// done with this one, and one that begins with the last would not.
void Streams::open() {
  for (std::size_t i = 0; i < bench_.settings.idle; ++i) {
    idle_.push_back(bench_.dialer.connect());
    bench_.watch.add(idle_.back().get(), clients_.size() + i, kReadable);
  }
  const std::size_t writers = bench_.settings.writers;
  const std::size_t stretch = writers > 0 ? clients_.size() / writers : 1;
  std::size_t writer = 0;
  std::size_t listener = writers;
  for (std::size_t n = 0; n < clients_.size(); ++n) {
    const bool writes = writer < writers && n % stretch == stretch / 2;
    const std::size_t i = writes ? writer++ : listener++;
    clients_[i].socket = bench_.dialer.connect();
    bench_.watch.add(fd(i), i, kReadable);
  }
  join();
}

void Streams::turn(int milliseconds) {
  ++bench_.tally.waits;
  for (const epoll_event& event : bench_.watch.wait(milliseconds)) {
    ready(event.data.u64, event.events);
  }
}

void Streams::ready(std::size_t index, std::uint32_t events) {
  if (index >= clients_.size()) fail_idle(index - clients_.size());
  if ((events & ~EPOLLOUT) != 0) read(index);
  if ((events & EPOLLOUT) != 0) flush(index);
}

void Streams::read(std::size_t client) {
  ++bench_.tally.reads;
  const ssize_t n = ::read(fd(client), buffer_.data(), buffer_.size());
  const Time time = now();
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) lost(client, n < 0 ? errno : 0);
  const auto size = static_cast<std::size_t>(n);
  bench_.tally.bytes_heard += size;
  hear(client, std::span(buffer_).first(size), time);
}

void Streams::flush(std::size_t client) {
  Client& c = clients_[client];
  while (c.sent < c.due) {
    const auto bytes = text(client, c.sent, c.due - c.sent);
    ++bench_.tally.writes;
    const ssize_t n = ::write(fd(client), bytes.data(), bytes.size());
    if (n < 0 && errno != EAGAIN && errno != EINTR) lost(client, errno);
    if (n <= 0) break;
    bench_.tally.bytes_sent += static_cast<std::uint64_t>(n);
    c.sent += static_cast<std::uint64_t>(n);
    if (static_cast<std::size_t>(n) < bytes.size()) break;
  }
  const bool blocked = c.sent < c.due;
  if (blocked == c.blocked) return;
  bench_.watch.change(fd(client), client, blocked ? kBoth : kReadable);
  c.blocked = blocked;
}

void Streams::fail(Status status, std::size_t client,
                   const std::string& what) const {
  throw Failure(status, fmt::format("client {} ({}): {}", client,
                                    name_of(fd(client)), what));
}

void Streams::fail_byte(std::size_t client, std::byte came,
                        std::byte wanted) const {
  fail(Status::wrong_bytes, client,
       fmt::format("{} is 0x{:02x}, expected 0x{:02x}", expected(client),
                   std::to_integer<unsigned>(came),
                   std::to_integer<unsigned>(wanted)));
}

void Streams::lost(std::size_t client, int error) const {
  const std::string how =
      error == 0 ? "the server closed the connection" : std::strerror(error);
  fail(Status::server, client,
       fmt::format("{}, expected {}", how, expected(client)));
}

void Streams::fail_idle(std::size_t number) const {
  std::byte byte;
  const int fd = idle_[number].get();
  const ssize_t n = ::read(fd, &byte, 1);
  const std::string what =
      n > 0    ? "heard a byte that nobody sent to it"
      : n == 0 ? "the server closed the connection, expected silence"
               : fmt::format("{}, expected silence", std::strerror(errno));
  throw Failure(
      n > 0 ? Status::wrong_bytes : Status::server,
      fmt::format("idle client {} ({}): {}", number, name_of(fd), what));
}

}  // namespace bench
