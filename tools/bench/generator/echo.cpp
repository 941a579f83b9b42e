#include "tools/bench/generator/echo.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace bench {

Echo::Echo(Bench& bench)
    : Streams(bench),
      pattern_({.period = 65'521, .piece = 256 * 1024}),
      states_(bench.settings.clients),
      began_(bench.settings.clients * bench.settings.depth) {}

void Echo::start() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    begin_more(i, bench_.settings.depth, now());
  }
}

void Echo::begin_more(std::size_t client, std::uint64_t wanted, Time time) {
  const std::uint64_t granted = bench_.budget.take(wanted, time);
  if (granted == 0) return;
  State& state = states_[client];
  for (std::uint64_t i = 0; i < granted; ++i)
    began(client, state.begun++) = time;
  under_way_ += granted;
  begin(client, granted);
  flush(client);
}

std::span<const std::byte> Echo::text(std::size_t client,
                                      std::uint64_t position,
                                      std::size_t most) {
  const auto bytes = pattern_.at(origin(client) + position);
  return bytes.first(std::min(most, bytes.size()));
}

void Echo::hear(std::size_t client, std::span<const std::byte> bytes,
                Time time) {
  State& state = states_[client];
  const std::uint64_t position = origin(client) + state.heard;
  const std::size_t good = pattern_.agrees(position, bytes);
  if (state.heard + bytes.size() > due(client) &&
      state.heard + good >= due(client)) {
    fail(Status::wrong_bytes, client,
         fmt::format("heard {} bytes more than it sent",
                     state.heard + bytes.size() - due(client)));
  }
  const std::uint64_t size = bench_.settings.size;
  const std::uint64_t before = state.heard / size;
  state.heard += good;
  if (good < bytes.size()) {
    fail_byte(client, bytes[good], pattern_.at(position + good).front());
  }
  const std::uint64_t whole = state.heard / size - before;
  for (std::uint64_t i = 0; i < whole; ++i) {
    bench_.tally.delivered(time - began(client, before + i));
  }
  bench_.tally.messages += whole;
  under_way_ -= whole;
  if (whole > 0) begin_more(client, whole, time);
}

std::string Echo::expected(std::size_t client) const {
  const std::uint64_t size = bench_.settings.size;
  const std::uint64_t heard = states_[client].heard;
  return fmt::format("byte {} of its message {}", heard % size, heard / size);
}

void Echo::check_patience(Time time) {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const std::uint64_t heard = states_[i].heard;
    if (heard == due(i)) continue;
    const Time waited = time - began(i, heard / bench_.settings.size);
    if (waited > nanoseconds(bench_.settings.patience)) {
      fail(Status::server, i,
           fmt::format("no answer for {:.1f} s, expected {}",
                       to_seconds(waited), expected(i)));
    }
  }
}

}  // namespace bench
