// The first bytes of a frame of the load generator's: see broadcast.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>

#include "common/frame.hpp"

namespace bench {

inline constexpr std::size_t kFrameStart = tick::kFrameHeader + 8;

struct FrameStart {
  static constexpr auto kProbe = std::numeric_limits<std::uint32_t>::max();

  std::array<std::byte, kFrameStart> bytes;

  // size: of the whole frame.
  static FrameStart make(std::size_t size, std::uint32_t writer,
                         std::uint32_t message) {
    FrameStart start;
    const auto length = tick::encode_length(size - tick::kFrameHeader);
    std::memcpy(start.bytes.data(), length.data(), length.size());
    std::memcpy(start.bytes.data() + 8, &writer, 4);
    std::memcpy(start.bytes.data() + 12, &message, 4);
    return start;
  }

  [[nodiscard]] std::uint64_t length() const {
    return tick::decode_length(std::span(bytes).first<tick::kFrameHeader>());
  }
  [[nodiscard]] std::uint32_t writer() const { return number(8); }
  [[nodiscard]] std::uint32_t message() const { return number(12); }

 private:
  [[nodiscard]] std::uint32_t number(std::size_t place) const {
    std::uint32_t value;
    std::memcpy(&value, bytes.data() + place, sizeof value);
    return value;
  }
};

}  // namespace bench
