// Frame: one message as it is on the wire, shared by all who are to get it.
//
// A frame is an unsigned 64-bit big-endian length and that many bytes of
// payload (docs/wire-format.adoc). Copying a Frame copies a pointer and counts
// one more owner; the bytes never change and go when the last owner does. So a
// message to a thousand clients lies in memory once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace tick {

inline constexpr std::size_t kFrameHeader = 8;  // bytes

// tag::length[]
// The length as it is on the wire: most significant byte first, which is
// network byte order (RFC 1700, "Data Notation").
constexpr std::array<std::byte, kFrameHeader> encode_length(
    std::uint64_t length) noexcept {
  std::array<std::byte, kFrameHeader> header{};
  for (std::size_t i = kFrameHeader; i-- > 0; length >>= 8) {
    header[i] = static_cast<std::byte>(length & 0xff);
  }
  return header;
}

constexpr std::uint64_t decode_length(
    std::span<const std::byte, kFrameHeader> header) noexcept {
  std::uint64_t length = 0;
  for (const std::byte b : header) {
    length = length << 8 | std::to_integer<std::uint64_t>(b);
  }
  return length;
}
// end::length[]

// tag::frame[]
class Frame {
 public:
  using Storage = std::shared_ptr<const std::byte[]>;

  Frame() noexcept = default;  // no frame: wire() is empty

  // A frame of its own memory with a copy of `payload`. Throws std::bad_alloc.
  explicit Frame(std::span<const std::byte> payload);

  // `storage` holds a whole frame of `size` bytes, its header included.
  Frame(Storage storage, std::size_t size) noexcept
      : storage_(std::move(storage)), size_(size) {}

  // Header and payload. Both spans live as long as any copy of this frame.
  [[nodiscard]] std::span<const std::byte> wire() const noexcept {
    return {storage_.get(), size_};
  }
  [[nodiscard]] std::span<const std::byte> payload() const noexcept {
    return size_ == 0 ? wire() : wire().subspan(kFrameHeader);
  }

 private:
  Storage storage_;
  std::size_t size_ = 0;  // bytes on the wire
};
// end::frame[]

}  // namespace tick
