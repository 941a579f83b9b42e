#include "common/frame_queue.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "common/frame_parts.hpp"
#include "common/log.hpp"

namespace tick {
namespace {

std::size_t extra_of(const Frame& frame) noexcept {
  const std::size_t size = frame.wire().size();
  return size < FrameQueue::kLeastCost ? FrameQueue::kLeastCost - size : 0;
}

}  // namespace

// tag::push[]
bool FrameQueue::push(const Frame& frame) {
  if (bytes() > limit_) {
    log::debug("a client does not read: {} bytes wait for it", bytes());
    return false;
  }
  try {
    frames_.push_back(frame);
  } catch (const std::bad_alloc&) {
    return false;
  }
  bytes_ += frame.wire().size();
  extra_ += extra_of(frame);
  return true;
}
// end::push[]

// tag::write[]
SendStatus FrameQueue::write(const Socket& socket, Registration& registration,
                             News news, Where where) {
  while (registration.writable() && !(empty() && news.frames.empty())) {  // <1>
    FrameParts parts;
    if (parts.add(waiting(), offset_)) parts.add(news);  // <2>
    const IoResult put = socket.write(parts.all(), where);
    registration.wrote(put, parts.bytes());  // <3>
    switch (put.status) {
      case IoStatus::done:
        if (!consume(put.bytes, news)) return SendStatus::too_much;
        break;
      case IoStatus::would_block:
        break;
      case IoStatus::closed:
      case IoStatus::failed:
        return SendStatus::gone;
    }
    if (put.status == IoStatus::would_block) break;
  }
  const auto fits = [this](const Frame& frame) { return push(frame); };
  return std::ranges::all_of(news.frames, fits) ? SendStatus::done  // <4>
                                                : SendStatus::too_much;
}
// end::write[]

// tag::rest[]
// `sent` bytes are written: of what waits, then of the news. False: one of
// these has gone in part, and its rest finds no room.
bool FrameQueue::consume(std::size_t sent, News& news) {
  sent = drop(sent);
  if (sent > 0) news.bytes = {};  // they are not of all that is left
  auto& frames = news.frames;
  while (!frames.empty() && sent >= frames.front().wire().size()) {
    sent -= frames.front().wire().size();
    frames = frames.subspan(1);
  }
  if (sent == 0) return true;
  if (!push(frames.front())) return false;
  frames = frames.subspan(1);
  drop(sent);
  return true;
}

// Takes as much as there is off the front. What is left of `count` is returned.
std::size_t FrameQueue::drop(std::size_t count) noexcept {
  const std::size_t mine = std::min(count, bytes_);
  bytes_ -= mine;
  offset_ += mine;
  while (first_ < frames_.size() && offset_ >= frames_[first_].wire().size()) {
    offset_ -= frames_[first_].wire().size();
    extra_ -= extra_of(frames_[first_]);
    frames_[first_++] = Frame();  // let it go
  }
  if (first_ == frames_.size()) {
    frames_ = std::vector<Frame>();  // {} would keep the capacity
    first_ = 0;
  } else if (2 * first_ >= frames_.size()) {
    // Only now: moving the rest for each frame would cost a long queue dear.
    frames_.erase(frames_.begin(),
                  frames_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  return count - mine;
}
// end::rest[]

}  // namespace tick
