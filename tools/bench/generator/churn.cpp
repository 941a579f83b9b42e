#include "tools/bench/generator/churn.hpp"

#include <fmt/core.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

namespace bench {
namespace {

constexpr std::size_t kPiece = 256 * 1024;  // bytes a read or a write

}  // namespace

Churn::Churn(Bench& bench)
    : bench_(bench),
      pattern_({.period = 65'521, .piece = kPiece}),
      callers_(bench.settings.clients),
      buffer_(kPiece) {}

void Churn::start() {
  for (std::size_t i = 0; i < callers_.size(); ++i) call(i, now());
}

void Churn::call(std::size_t index, Time time) {
  if (bench_.budget.take(1, time) == 0) return;
  Caller& caller = callers_[index];
  caller = Caller();
  caller.number = bench_.dialer.count();
  caller.began = now();
  caller.socket = bench_.dialer.begin(Status::server);
  ++open_;
  write(index);
}

// On one machine a connection is there as soon as connect(2) is back.
void Churn::write(std::size_t index) {
  Caller& caller = callers_[index];
  const auto stream = pattern_.at(origin(caller) + caller.sent);
  const std::size_t left = bench_.settings.size - caller.sent;
  const auto bytes = stream.first(std::min(stream.size(), left));
  ++bench_.tally.writes;
  const ssize_t n = ::write(caller.socket.get(), bytes.data(), bytes.size());
  if (n < 0 && errno != EAGAIN && errno != ENOTCONN) {
    fail(Status::server, caller,
         fmt::format("{}, expected to write", std::strerror(errno)));
  }
  if (n > 0) {
    caller.sent += static_cast<std::size_t>(n);
    bench_.tally.bytes_sent += static_cast<std::uint64_t>(n);
  }
  watch(index);
}

void Churn::watch(std::size_t index) {
  Caller& caller = callers_[index];
  std::uint32_t wanted = 0;
  if (caller.sent < bench_.settings.size) wanted |= EPOLLOUT;
  if (caller.sent > 0) wanted |= EPOLLIN;
  if (wanted == caller.waits_for) return;
  if (caller.waits_for == 0) {
    bench_.watch.add(caller.socket.get(), index, wanted);
  } else {
    bench_.watch.change(caller.socket.get(), index, wanted);
  }
  caller.waits_for = wanted;
}

void Churn::ready(std::size_t index, std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) write(index);
  if ((events & ~EPOLLOUT) != 0) read(index);
}

void Churn::read(std::size_t index) {
  Caller& caller = callers_[index];
  ++bench_.tally.reads;
  const ssize_t n = ::read(caller.socket.get(), buffer_.data(), buffer_.size());
  const Time time = now();
  if (n < 0 && errno == EAGAIN) return;
  const std::size_t size = bench_.settings.size;
  if (n <= 0) {
    fail(Status::server, caller,
         fmt::format(
             "{}, expected byte {} of {}",
             n == 0 ? "the server closed the connection" : std::strerror(errno),
             caller.heard, size));
  }
  const auto bytes = std::span(buffer_).first(static_cast<std::size_t>(n));
  const std::size_t good =
      pattern_.agrees(origin(caller) + caller.heard, bytes);
  bench_.tally.bytes_heard += bytes.size();
  caller.heard += good;
  if (good < bytes.size() || caller.heard > caller.sent) {
    fail(Status::wrong_bytes, caller,
         fmt::format("byte {} of {} is not what was sent",
                     std::min(caller.heard, caller.sent), size));
  }
  if (caller.heard < size) return;
  bench_.tally.delivered(time - caller.began);
  ++bench_.tally.messages;
  caller.socket.reset();
  --open_;
  call(index, time);
}

void Churn::check_patience(Time time) {
  for (const Caller& caller : callers_) {
    if (!caller.socket.valid()) continue;
    const Time waited = time - caller.began;
    if (waited > nanoseconds(bench_.settings.patience)) {
      fail(Status::server, caller,
           fmt::format("no answer for {:.1f} s, expected byte {} of {}",
                       to_seconds(waited), caller.heard, bench_.settings.size));
    }
  }
}

void Churn::fail(Status status, const Caller& caller,
                 const std::string& what) const {
  throw Failure(status, fmt::format("connection {} ({}): {}", caller.number,
                                    name_of(caller.socket.get()), what));
}

}  // namespace bench
