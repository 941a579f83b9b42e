#include "common/frame.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/memory.hpp"

using tick::Frame;

namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> bytes_of(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("a length is eight bytes, the most significant first") {
  const auto header = tick::encode_length(0x0102030405060708);
  for (std::size_t i = 0; i < header.size(); ++i) {
    CHECK(std::to_integer<std::size_t>(header[i]) == i + 1);
  }
}

TEST_CASE("every length comes back as it was") {
  for (int bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    for (const std::uint64_t length : {power - 1, power, power + 1, ~power}) {
      CHECK(tick::decode_length(tick::encode_length(length)) == length);
    }
  }
}

TEST_CASE("a frame is its length and its payload, in one piece") {
  const Frame frame(bytes_of("hello"));
  const std::string_view wire("\0\0\0\0\0\0\0\5hello", 13);
  CHECK(bytes_of(frame.wire()) == bytes_of(wire));
  CHECK(bytes_of(frame.payload()) == bytes_of("hello"));
}

TEST_CASE("an empty payload is a frame, and no frame is nothing") {
  CHECK(Frame(std::span<const std::byte>{}).wire().size() == 8);
  CHECK(Frame(std::span<const std::byte>{}).payload().empty());
  CHECK(Frame().wire().empty());
  CHECK(Frame().payload().empty());
}

TEST_CASE("a thousand copies of a frame are a frame") {
  const std::vector<std::byte> payload(100'000);
  memory::reset();
  const Frame frame(payload);
  const auto alone = memory::now();
  std::vector<Frame> copies;
  copies.reserve(1000);
  const auto before = memory::now();
  for (int i = 0; i < 1000; ++i) copies.push_back(frame);
  CHECK(memory::now().allocations == before.allocations);
  for (const Frame& copy : copies) {
    CHECK(copy.wire().data() == frame.wire().data());
  }
  if (memory::counts()) CHECK(alone.allocations == 1);
}

TEST_CASE("the bytes live as long as any copy") {
  Frame last;
  {
    const Frame first(bytes_of("hello"));
    last = first;
  }
  CHECK(bytes_of(last.payload()) == bytes_of("hello"));
}
