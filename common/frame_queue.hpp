// FrameQueue: the frames that wait to be written to one client, oldest first.
//
//   std::array<iovec, FrameQueue::kMostParts> parts;
//   const IoResult put = socket.write(queue.gather(parts));
//   queue.consume(put.bytes);       // perhaps in the middle of a frame
//
// It holds references, not copies, and an empty one holds no memory. A frame
// is let go as soon as its last byte has been consumed.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <vector>

#include "common/frame.hpp"

namespace tick {

class FrameQueue {
 public:
  // As many as one writev(2) takes well: below IOV_MAX (1,024), and small
  // enough to lie on the stack.
  static constexpr std::size_t kMostParts = 64;

  // Throws std::bad_alloc; the queue is then as it was.
  void push(Frame frame);

  // Describes the oldest bytes, as many as `parts` has room for. Valid until
  // the next push or consume.
  [[nodiscard]] std::span<const iovec> gather(
      std::span<iovec> parts) const noexcept;

  // Drops the oldest `count` bytes. More than there are: std::out_of_range.
  void consume(std::size_t count);

  [[nodiscard]] bool empty() const noexcept { return bytes_ == 0; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t frames() const noexcept {
    return frames_.size() - first_;
  }

 private:
  void drop_consumed() noexcept;

  std::vector<Frame> frames_;
  std::size_t first_ = 0;   // frames before it are gone
  std::size_t offset_ = 0;  // bytes of the first that are gone
  std::size_t bytes_ = 0;   // that wait, headers included
};

}  // namespace tick
