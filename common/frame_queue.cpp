#include "common/frame_queue.hpp"

#include <stdexcept>
#include <utility>

namespace tick {

// tag::push[]
void FrameQueue::push(Frame frame) {
  const std::size_t size = frame.wire().size();
  frames_.push_back(std::move(frame));
  bytes_ += size;
}
// end::push[]

// tag::gather[]
std::span<const iovec> FrameQueue::gather(
    std::span<iovec> parts) const noexcept {
  std::size_t count = 0;
  std::size_t skip = offset_;  // only the first can be half gone
  for (std::size_t i = first_; i < frames_.size() && count < parts.size();
       ++i) {
    const std::span<const std::byte> rest = frames_[i].wire().subspan(skip);
    // writev(2) takes what is to be read from by a pointer to non-const.
    parts[count++] = {const_cast<std::byte*>(rest.data()), rest.size()};
    skip = 0;
  }
  return parts.first(count);
}
// end::gather[]

// tag::consume[]
void FrameQueue::consume(std::size_t count) {
  if (count > bytes_) {
    throw std::out_of_range("FrameQueue::consume: more than there is");
  }
  bytes_ -= count;
  while (count > 0) {
    const std::size_t rest = frames_[first_].wire().size() - offset_;
    if (count < rest) {
      offset_ += count;
      break;
    }
    count -= rest;
    frames_[first_++] = Frame();  // let it go
    offset_ = 0;
  }
  drop_consumed();
}
// end::consume[]

// Moving the rest to the front each time would cost a long queue its length
// for every frame; so only when half of it is gone.
void FrameQueue::drop_consumed() noexcept {
  if (first_ == frames_.size()) {
    frames_ = {};
    first_ = 0;
  } else if (2 * first_ >= frames_.size()) {
    frames_.erase(frames_.begin(),
                  frames_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

}  // namespace tick
