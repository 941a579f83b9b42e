#include "tools/bench/generator/multi_echo.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace bench {
namespace {

constexpr std::byte kProbe{255};
constexpr std::uint8_t kNobody = 255;

}  // namespace

MultiEcho::MultiEcho(Bench& bench)
    : Chorus(bench), heard_(bench.settings.clients * bench.settings.writers) {
  const auto values = static_cast<unsigned>(255 / writers());
  owner_.fill(kNobody);
  for (std::size_t w = 0; w < writers(); ++w) {
    const auto first = static_cast<unsigned>(w) * values;
    patterns_.emplace_back(Pattern::Shape{
        .period = 4'093,
        .piece = std::clamp<std::size_t>(bench.settings.size, 4096, 256 * 1024),
        .first = first,
        .values = values});
    for (unsigned v = 0; v < values; ++v) {
      owner_[first + v] = static_cast<std::uint8_t>(w);
    }
  }
}

std::span<const std::byte> MultiEcho::text(std::size_t client,
                                           std::uint64_t position,
                                           std::size_t most) {
  const auto bytes = patterns_[client].at(position);
  return bytes.first(std::min(most, bytes.size()));
}

std::span<const std::byte> MultiEcho::probe() const { return {&kProbe, 1}; }

std::uint64_t MultiEcho::next(std::size_t client, std::size_t writer) const {
  return heard_[client * writers() + writer] / bench_.settings.size;
}

void MultiEcho::take(std::size_t client, std::span<const std::byte> bytes,
                     Time time) {
  while (!bytes.empty()) {
    const std::uint8_t owner = owner_[std::to_integer<std::size_t>(bytes[0])];
    std::size_t n = 1;
    if (bytes[0] == kProbe) {
      heard_probe(client);
    } else if (owner == kNobody) {
      fail(Status::wrong_bytes, client,
           fmt::format("heard 0x{:02x}, which nobody sends",
                       std::to_integer<unsigned>(bytes[0])));
    } else {
      n = take_of(client, owner, bytes, time);
    }
    bytes = bytes.subspan(n);
  }
}

std::size_t MultiEcho::take_of(std::size_t client, std::size_t writer,
                               std::span<const std::byte> bytes, Time time) {
  const std::size_t size = bench_.settings.size;
  std::uint64_t& heard_so_far = heard_of(client, writer);
  const std::uint64_t message = heard_so_far / size;
  const std::size_t left = size - heard_so_far % size;
  const std::size_t n = patterns_[writer].agrees(
      heard_so_far, bytes.first(std::min(left, bytes.size())));
  if (message >= begun(writer) || n == 0) {
    fail(
        Status::wrong_bytes, client,
        fmt::format("heard 0x{:02x} of client {}, expected 0x{:02x}, byte {} "
                    "of its message {}{}",
                    std::to_integer<unsigned>(bytes[0]), writer,
                    std::to_integer<unsigned>(
                        patterns_[writer].at(heard_so_far).front()),
                    heard_so_far % size, message,
                    message >= begun(writer) ? ", which it has not sent" : ""));
  }
  heard_so_far += n;
  if (n == left) heard(client, writer, message, time);
  return n;
}

std::string MultiEcho::expected(std::size_t client) const {
  std::string line;
  for (std::size_t w = 0; w < writers() && line.empty(); ++w) {
    const std::uint64_t heard_so_far = heard_[client * writers() + w];
    const std::uint64_t size = bench_.settings.size;
    if (heard_so_far == due(w)) continue;
    line = fmt::format("byte {} of message {} of client {}",
                       heard_so_far % size, heard_so_far / size, w);
  }
  return line.empty() ? "silence" : line;
}

}  // namespace bench
