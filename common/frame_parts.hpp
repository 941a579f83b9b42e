// FrameParts: what one write of a FrameQueue hands to the kernel.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "common/frame_queue.hpp"

namespace tick {

// tag::gather[]
// What one writev(2) is to write. Short frames are copied side by side and are
// one part together; a long one is a part of its own, where it lies.
class FrameParts {
 public:
  // As many of the frames as there is room for; `gone` bytes of the first are
  // written. False: not all, and nothing may follow.
  bool add(std::span<const Frame> frames, std::size_t gone) noexcept {
    for (const Frame& frame : frames) {
      const auto rest = frame.wire().subspan(std::exchange(gone, 0));
      const bool is_short = rest.size() <= FrameQueue::kShort;
      if (!add(is_short ? copy(rest) : rest)) return false;  // <1>
    }
    return true;
  }

  void add(const News& news) noexcept {
    news.bytes.empty() ? add(news.frames, 0) : add(news.bytes);
  }

  [[nodiscard]] std::span<const iovec> all() const noexcept {
    return std::span(parts_).first(count_);
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  bool add(std::span<const std::byte> bytes) noexcept {
    if (bytes.empty()) return false;  // there was no room for a copy
    if (bytes.data() == end_) {       // <2>
      parts_[count_ - 1].iov_len += bytes.size();
    } else if (count_ < parts_.size()) {
      // iovec has no const, for readv(2) uses it too.
      auto* const begin = const_cast<std::byte*>(bytes.data());
      parts_[count_++] = {begin, bytes.size()};
    } else {
      return false;
    }
    bytes_ += bytes.size();
    end_ = bytes.data() + bytes.size();
    return true;
  }

  std::span<const std::byte> copy(std::span<const std::byte> bytes) noexcept {
    if (copies_.size() - copied_ < bytes.size()) return {};
    const auto to = std::span(copies_).subspan(copied_, bytes.size());
    std::memcpy(to.data(), bytes.data(), bytes.size());
    copied_ += bytes.size();
    return to;
  }

  std::array<iovec, FrameQueue::kMostParts> parts_;
  std::array<std::byte, FrameQueue::kMostCopied> copies_;
  std::size_t count_ = 0;           // of parts
  std::size_t copied_ = 0;          // bytes
  std::size_t bytes_ = 0;           // in all parts
  const std::byte* end_ = nullptr;  // of the last part
};
// end::gather[]

}  // namespace tick
