#include "tools/bench/generator/broadcast.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

namespace bench {
namespace {

constexpr std::size_t kMostText = 256 * 1024;  // written at a time

}  // namespace

Broadcast::Broadcast(Bench& bench)
    : Chorus(bench),
      pattern_({.period = 65'521, .piece = kMostText}),
      probe_(FrameStart::make(kFrameStart, FrameStart::kProbe, 0)),
      ears_(bench.settings.clients),
      next_(bench.settings.clients * bench.settings.writers),
      text_(kMostText),
      order_(kOrder) {}

std::span<const std::byte> Broadcast::probe() const { return probe_.bytes; }

std::span<const std::byte> Broadcast::text(std::size_t client,
                                           std::uint64_t position,
                                           std::size_t most) {
  const std::size_t size = bench_.settings.size;
  const std::size_t wanted = std::min(most, text_.size());
  for (std::size_t done = 0; done < wanted;) {
    const std::uint64_t message = (position + done) / size;
    const std::size_t place = (position + done) % size;
    std::span<const std::byte> piece;
    const auto start =
        FrameStart::make(size, static_cast<std::uint32_t>(client),
                         static_cast<std::uint32_t>(message));
    if (place < kFrameStart) {
      piece = std::span(start.bytes).subspan(place);
    } else {
      piece = pattern_.at(origin(client, message) + place - kFrameStart);
      piece = piece.first(std::min(piece.size(), size - place));
    }
    const std::size_t n = std::min(piece.size(), wanted - done);
    std::memcpy(text_.data() + done, piece.data(), n);
    done += n;
  }
  return std::span(text_).first(wanted);
}

void Broadcast::take(std::size_t client, std::span<const std::byte> bytes,
                     Time time) {
  Ear& ear = ears_[client];
  while (!bytes.empty()) {
    bytes = bytes.subspan(ear.place < kFrameStart ? take_start(client, bytes)
                                                  : take_rest(client, bytes));
    const bool probed = ear.start.writer() == FrameStart::kProbe;
    if (ear.place == kFrameStart && probed) {
      heard_probe(client);
      ear.place = 0;
    } else if (ear.place == bench_.settings.size) {
      finish(client, time);
    }
  }
}

std::size_t Broadcast::take_start(std::size_t client,
                                  std::span<const std::byte> bytes) {
  Ear& ear = ears_[client];
  const std::size_t n = std::min(kFrameStart - ear.place, bytes.size());
  std::memcpy(ear.start.bytes.data() + ear.place, bytes.data(), n);
  ear.place += n;
  if (ear.place == kFrameStart) check_start(client);
  return n;
}

void Broadcast::check_start(std::size_t client) {
  const FrameStart& start = ears_[client].start;
  if (start.bytes == probe_.bytes) return;
  const std::uint32_t writer = start.writer();
  const std::size_t length = bench_.settings.size - tick::kFrameHeader;
  if (start.length() != length || writer >= writers()) {
    fail(Status::wrong_bytes, client,
         fmt::format("heard a frame of {} bytes that says it is of client {}, "
                     "expected {} bytes and a client before {}",
                     start.length(), writer, length, writers()));
  }
  const std::uint64_t wanted = next(client, writer);
  if (start.message() != static_cast<std::uint32_t>(wanted) ||
      wanted >= begun(writer)) {
    fail(Status::wrong_bytes, client,
         fmt::format("heard message {} of client {}, expected {}",
                     start.message(), writer,
                     wanted >= begun(writer)
                         ? "nothing more of it"
                         : fmt::format("its message {}", wanted)));
  }
  check_order(client, writer);
}

void Broadcast::check_order(std::size_t client, std::size_t writer) {
  const std::uint64_t told = ears_[client].told;
  std::uint32_t& other = order_[told % kOrder];
  if (told == told_) {
    other = static_cast<std::uint32_t>(writer);
    ++told_;
  } else if (told_ - told <= kOrder && other != writer) {
    fail(Status::wrong_bytes, client,
         fmt::format("heard message {} of client {}, and others heard client "
                     "{} before it: the order is not the same for all",
                     next(client, writer), writer, other));
  }
}

std::size_t Broadcast::take_rest(std::size_t client,
                                 std::span<const std::byte> bytes) {
  Ear& ear = ears_[client];
  const std::size_t n =
      std::min(bench_.settings.size - ear.place, bytes.size());
  const std::uint64_t position =
      origin(ear.start.writer(), next(client, ear.start.writer())) + ear.place -
      kFrameStart;
  const std::size_t good = pattern_.agrees(position, bytes.first(n));
  ear.place += good;
  if (good < n) {
    fail_byte(client, bytes[good], pattern_.at(position + good).front());
  }
  return n;
}

void Broadcast::finish(std::size_t client, Time time) {
  Ear& ear = ears_[client];
  const std::size_t writer = ear.start.writer();
  const std::uint64_t message = next_[client * writers() + writer]++;
  ear.place = 0;
  ++ear.told;
  heard(client, writer, message, time);
}

std::string Broadcast::expected(std::size_t client) const {
  const Ear& ear = ears_[client];
  if (ear.place >= kFrameStart) {
    const std::uint32_t writer = ear.start.writer();
    return fmt::format("byte {} of message {} of client {}", ear.place,
                       next(client, writer), writer);
  }
  for (std::size_t w = 0; w < writers(); ++w) {
    if (next(client, w) < begun(w)) {
      return fmt::format("message {} of client {}", next(client, w), w);
    }
  }
  return "silence";
}

}  // namespace bench
