#include "common/frame_decoder.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace tick {

FrameDecoder::FrameDecoder(std::size_t max_frame) noexcept
    : max_frame_(std::min(max_frame, SIZE_MAX / 2 - kFrameHeader)) {}

// tag::prepare[]
// Small frames are read many at a time and copied. A frame that has come to
// more than a scratch-full, and lacks as much again, is read to its place.
std::span<std::byte> FrameDecoder::prepare(std::span<std::byte> scratch) {
  lent_ = scratch;
  const bool large = filled_ >= scratch.size() && missing() >= scratch.size();
  if (large && !scratch.empty()) {
    if (capacity_ - filled_ < scratch.size()) grow(scratch.size());
    lent_ = {storage_.get() + filled_, capacity_ - filled_};
  }
  return lent_;
}

void FrameDecoder::commit(std::size_t count) {
  if (count > lent_.size()) {
    throw std::out_of_range("FrameDecoder::commit: more than was prepared");
  }
  const bool in_place = storage_ && lent_.data() == storage_.get() + filled_;
  if (in_place) filled_ += count;
  lent_ = lent_.first(in_place ? 0 : count);
}
// end::prepare[]

// tag::next[]
Decoded FrameDecoder::next() {
  if (size_ == 0 && !take_header()) {
    const bool whole = header_size_ == kFrameHeader;
    return {whole ? DecodeStatus::too_large : DecodeStatus::incomplete};
  }
  take_payload();
  if (missing() > 0) return {DecodeStatus::incomplete};
  Decoded found{DecodeStatus::frame, Frame(std::move(storage_), size_)};
  storage_ = nullptr;
  capacity_ = filled_ = size_ = 0;
  header_size_ = 0;
  return found;
}
// end::next[]

// tag::header[]
// Collects the eight bytes of the length, which may come one at a time. False:
// there are fewer than eight, or they say more than is allowed.
bool FrameDecoder::take_header() {
  const std::size_t n = std::min(kFrameHeader - header_size_, lent_.size());
  std::copy_n(lent_.begin(), n, header_.begin() + header_size_);
  lent_ = lent_.subspan(n);
  header_size_ = static_cast<std::uint8_t>(header_size_ + n);
  if (header_size_ < kFrameHeader) return false;
  const std::uint64_t length = decode_length(header_);
  if (length > max_frame_) return false;  // <1>
  size_ = kFrameHeader + static_cast<std::size_t>(length);
  grow(kFrameHeader + std::max(lent_.size(), kFirstPiece));
  std::ranges::copy(header_, storage_.get());
  filled_ = kFrameHeader;
  return true;
}
// end::header[]

// tag::payload[]
void FrameDecoder::take_payload() {
  const std::size_t n = std::min(missing(), lent_.size());
  if (n == 0) return;
  if (filled_ + n > capacity_) grow(n);
  std::memcpy(storage_.get() + filled_, lent_.data(), n);
  filled_ += n;
  lent_ = lent_.subspan(n);
}

// Room for `wanted` more bytes: at least as much as there is already, so that
// each byte is moved once on average, and never more than the frame will need.
void FrameDecoder::grow(std::size_t wanted) {
  const std::size_t capacity =
      std::min(size_, filled_ + std::max(wanted, filled_));
  auto larger = std::make_shared_for_overwrite<std::byte[]>(capacity);
  if (filled_ > 0) std::memcpy(larger.get(), storage_.get(), filled_);
  storage_ = std::move(larger);
  capacity_ = capacity;
}
// end::payload[]

}  // namespace tick
