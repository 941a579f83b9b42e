// FrameDecoder: cuts a stream of bytes into frames. It does no I/O.
//
//   const auto space = decoder.prepare(scratch);   // where to read to
//   decoder.commit(as many bytes as were read);
//   for (;;) switch (Decoded got = decoder.next(); got.status) {
//     case DecodeStatus::frame:      use got.frame; continue;
//     case DecodeStatus::incomplete: return to the loop, read more later;
//     case DecodeStatus::too_large:  this stream cannot be followed any more
//   }
//
// However the same bytes are cut into reads, the same frames come out. Memory
// follows the bytes that have come, never the length that was promised: a
// decoder between two frames holds none, and inside a frame twice what has come
// of it at most, or kFirstPiece.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "common/frame.hpp"

namespace tick {

// tag::status[]
enum class DecodeStatus : std::uint8_t {
  frame,       // `frame` is the next one
  incomplete,  // all bytes so far are used up
  too_large,   // the next frame is longer than allowed; for good
};

struct [[nodiscard]] Decoded {
  DecodeStatus status = DecodeStatus::incomplete;
  Frame frame = {};
};
// end::status[]

class FrameDecoder {
 public:
  static constexpr std::size_t kFirstPiece = 1024;  // bytes

  // max_frame: bytes of payload. What is longer is too_large.
  explicit FrameDecoder(std::size_t max_frame) noexcept;

  // Where the next bytes of the stream belong: in `scratch`, which is lent
  // until next() has said incomplete or too_large; or, in the middle of a large
  // frame, at their place in it. Never empty, unless `scratch` is. Throws
  // std::bad_alloc when the frame cannot grow.
  [[nodiscard]] std::span<std::byte> prepare(std::span<std::byte> scratch);

  // `count` bytes were put there. More than fit throws std::out_of_range.
  void commit(std::size_t count);

  // Call until it says something other than frame. Throws std::bad_alloc: the
  // stream is lost then, as after too_large.
  Decoded next();

  // Between two frames: a stream that ends here ends well. Elsewhere its last
  // frame was cut off.
  [[nodiscard]] bool at_boundary() const noexcept {
    return header_size_ == 0 && lent_.empty();
  }

 private:
  bool take_header();
  void take_payload();
  void grow(std::size_t wanted);
  [[nodiscard]] std::size_t missing() const noexcept { return size_ - filled_; }

  std::size_t max_frame_;
  std::span<std::byte> lent_;  // prepared; then what of it is not used up

  std::array<std::byte, kFrameHeader> header_;
  std::uint8_t header_size_ = 0;  // bytes of it that have come

  // The frame under way, once its header is whole.
  std::shared_ptr<std::byte[]> storage_;
  std::size_t capacity_ = 0;  // bytes
  std::size_t filled_ = 0;
  std::size_t size_ = 0;  // header and payload; 0: no frame under way
};

}  // namespace tick
