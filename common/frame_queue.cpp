#include "common/frame_queue.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "common/log.hpp"

namespace tick {
namespace {

// tag::gather[]
// Describes frames for writev(2); `gone` bytes of the first are written.
std::span<const iovec> gather(std::span<const Frame> frames, std::size_t gone,
                              std::span<iovec> parts) noexcept {
  std::size_t count = 0;
  for (const Frame& frame : frames) {
    if (count == parts.size()) break;
    const auto rest = frame.wire().subspan(std::exchange(gone, 0));
    // iovec has no const, for readv(2) uses it too.
    parts[count++] = {const_cast<std::byte*>(rest.data()), rest.size()};
  }
  return parts.first(count);
}
// end::gather[]

std::size_t size_of(std::span<const iovec> parts) noexcept {
  std::size_t size = 0;
  for (const iovec& part : parts) size += part.iov_len;
  return size;
}

}  // namespace

bool FrameQueue::push(const Frame& frame) {
  if (bytes_ > limit_) {
    log::debug("a client does not read: {} bytes wait for it", bytes_);
    return false;
  }
  try {
    frames_.push_back(frame);
  } catch (const std::bad_alloc&) {
    return false;
  }
  bytes_ += frame.wire().size();
  return true;
}

bool FrameQueue::push(std::span<const Frame> frames) {
  return std::ranges::all_of(frames,
                             [this](const Frame& f) { return push(f); });
}

// tag::write[]
SendStatus FrameQueue::write(const Socket& socket, Registration& registration,
                             std::span<const Frame> news, Where where) {
  const bool direct = empty();  // <1>
  if (direct && news.empty()) return SendStatus::done;
  if (!direct && !push(news)) return SendStatus::too_much;
  IoResult put{IoStatus::would_block};
  if (registration.writable()) {  // <2>
    std::array<iovec, kMostParts> space;
    const auto parts = direct ? gather(news, 0, space)  // <3>
                              : gather(waiting(), offset_, space);
    put = socket.write(parts, where);
    registration.wrote(put, size_of(parts));
  }
  switch (put.status) {
    case IoStatus::done:
    case IoStatus::would_block:
      break;
    case IoStatus::closed:
    case IoStatus::failed:
      return SendStatus::gone;
  }
  if (direct && !push_rest(news, put.bytes)) return SendStatus::too_much;
  if (!direct) consume(put.bytes);
  return SendStatus::done;
}
// end::write[]

// tag::rest[]
// Queues what a write of `sent` bytes has left of the frames.
bool FrameQueue::push_rest(std::span<const Frame> frames, std::size_t sent) {
  while (!frames.empty() && sent >= frames.front().wire().size()) {
    sent -= frames.front().wire().size();
    frames = frames.subspan(1);
  }
  if (!push(frames)) return false;
  consume(sent);  // the first may have gone in part
  return true;
}

void FrameQueue::consume(std::size_t count) noexcept {
  bytes_ -= count;
  count += offset_;
  while (first_ < frames_.size() && count >= frames_[first_].wire().size()) {
    count -= frames_[first_].wire().size();
    frames_[first_++] = Frame();  // let it go
  }
  offset_ = count;
  if (first_ == frames_.size()) {
    frames_ = {};
    first_ = 0;
  } else if (2 * first_ >= frames_.size()) {
    // Only now: moving the rest for each frame would cost a long queue dear.
    frames_.erase(frames_.begin(),
                  frames_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}
// end::rest[]

}  // namespace tick
