#include "common/frame_batch.hpp"

namespace tick {

void FrameBatch::clear() noexcept {
  frames_.clear();
  side_by_side_.clear();
}

// tag::news[]
News FrameBatch::news(std::size_t first, std::size_t last) noexcept {
  const auto some =
      std::span<const Frame>(frames_).subspan(first, last - first);
  if (some.size() < 2 || some.size() < frames_.size()) return some;  // <1>
  if (side_by_side_.empty()) lay_side_by_side();
  return {some, side_by_side_};
}

// The first who asks pays for the copy.
void FrameBatch::lay_side_by_side() noexcept {
  std::size_t size = 0;
  for (const Frame& frame : frames_) size += frame.wire().size();
  if (size > kMostSideBySide) return;  // <2>
  for (const Frame& frame : frames_) {
    const auto wire = frame.wire();
    side_by_side_.insert(side_by_side_.end(), wire.begin(), wire.end());
  }
}
// end::news[]

}  // namespace tick
