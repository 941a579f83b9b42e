// FrameQueue: the frames that wait to be written to one client, oldest first.
//
// It holds references, not copies, and an empty one holds no memory. A frame
// is let go as soon as its last byte has been written. A write may end in the
// middle of one; the next goes on from there.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/frame.hpp"
#include "common/frame_batch.hpp"
#include "common/registration.hpp"
#include "common/socket.hpp"
#include "common/where.hpp"

namespace tick {

enum class SendStatus : std::uint8_t {
  done,      // everything is written, or waits for room in the send buffer
  gone,      // the peer is: nothing can be written to it any more
  too_much,  // more than the limit waited, or there is no memory
};

class FrameQueue {
 public:
  // Parts of one writev(2): below IOV_MAX (1,024 on Linux, BSD and macOS), and
  // few enough to lie on the stack.
  static constexpr std::size_t kMostParts = 256;

  // Frames of up to so many bytes are copied side by side for the call, up to
  // kMostCopied of them together: up to about a KiB, a copy costs less than one
  // part more (tools/bench/parts.cpp measures it).
  static constexpr std::size_t kShort = 512;
  static constexpr std::size_t kMostCopied = 16 * 1024;

  // To remember a frame takes memory too, however short it is. So each counts
  // as this many bytes at least; else the limit would let in 130,000 empty
  // messages a megabyte.
  static constexpr std::size_t kLeastCost = 64;

  // limit: bytes that may wait when one more frame comes, headers included. So
  // a frame of any size fits into an empty queue, and at most `limit` and one
  // frame wait.
  explicit FrameQueue(std::size_t limit) noexcept : limit_(limit) {}

  // False: too_much, and the queue is as it was.
  [[nodiscard]] bool push(const Frame& frame);

  // Writes what waits, and then `news`: with one call, with more only where
  // they do not fit into one, and with none where the send buffer is known to
  // be full. What was not taken waits. After gone or too_much, what waits means
  // nothing.
  SendStatus write(const Socket& socket, Registration& registration, News news,
                   Where = Where::current());

  [[nodiscard]] bool empty() const noexcept { return bytes_ == 0; }
  // What the limit is held against: bytes that wait, short frames at
  // kLeastCost.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_ + extra_; }

 private:
  [[nodiscard]] std::span<const Frame> waiting() const noexcept {
    return std::span(frames_).subspan(first_);
  }
  [[nodiscard]] bool consume(std::size_t sent, News& news);
  std::size_t drop(std::size_t count) noexcept;

  std::size_t limit_;
  std::vector<Frame> frames_;
  std::size_t first_ = 0;   // frames before it are gone
  std::size_t offset_ = 0;  // bytes of the first that are gone
  std::size_t bytes_ = 0;   // that wait
  std::size_t extra_ = 0;   // what short frames count for beyond their bytes
};

}  // namespace tick
