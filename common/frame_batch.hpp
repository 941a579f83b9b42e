// FrameBatch: what has been said since the last tick, for all who listen.
//
// Keeps the frames in their order and, as soon as somebody asks for all of
// them, their bytes a second time, side by side: one part for write(2), copied
// once for everybody.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "common/frame.hpp"

namespace tick {

// Frames that are to be written. bytes: of all of them, one behind the other,
// where they lie like that; or none. Views, which live as long as what they
// look at.
struct News {
  News() noexcept = default;
  News(std::span<const Frame> the_frames,
       std::span<const std::byte> the_bytes = {}) noexcept
      : frames(the_frames), bytes(the_bytes) {}
  News(const std::vector<Frame>& the_frames) noexcept : frames(the_frames) {}

  std::span<const Frame> frames;
  std::span<const std::byte> bytes;
};

class FrameBatch {
 public:
  // Bytes. More are not copied: then the frames are long, and a part more or
  // less is nothing beside them.
  static constexpr std::size_t kMostSideBySide = 64 * 1024;

  // Throws std::bad_alloc.
  FrameBatch() { side_by_side_.reserve(kMostSideBySide); }

  // Throws std::bad_alloc; then the batch is as it was.
  void push(Frame frame) {
    side_by_side_.clear();  // if laid out already: it is no longer all
    frames_.push_back(std::move(frame));
  }
  void clear() noexcept;

  [[nodiscard]] bool empty() const noexcept { return frames_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return frames_.size(); }

  // Those from `first` to the one before `last`. Valid until push or clear.
  [[nodiscard]] News news(std::size_t first, std::size_t last) noexcept;

 private:
  void lay_side_by_side() noexcept;

  std::vector<Frame> frames_;
  std::vector<std::byte> side_by_side_;  // all of them, or nothing
};

}  // namespace tick
