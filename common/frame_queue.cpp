#include "common/frame_queue.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "common/log.hpp"

namespace tick {
namespace {

// tag::gather[]
// Describes frames for writev(2), as many as there are parts left; `gone` bytes
// of the first are written.
std::size_t gather(std::span<const Frame> frames, std::size_t gone,
                   std::span<iovec> parts) noexcept {
  const std::size_t count = std::min(frames.size(), parts.size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto rest = frames[i].wire().subspan(std::exchange(gone, 0));
    // iovec has no const, for readv(2) uses it too.
    parts[i] = {const_cast<std::byte*>(rest.data()), rest.size()};
  }
  return count;
}
// end::gather[]

std::size_t size_of(std::span<const iovec> parts) noexcept {
  std::size_t size = 0;
  for (const iovec& part : parts) size += part.iov_len;
  return size;
}

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
                             std::span<const Frame> news, Where where) {
  while (registration.writable() && !(empty() && news.empty())) {  // <1>
    std::array<iovec, kMostParts> space;
    std::size_t count = gather(waiting(), offset_, space);
    count += gather(news, 0, std::span(space).subspan(count));  // <2>
    const auto parts = std::span<const iovec>(space).first(count);
    const IoResult put = socket.write(parts, where);
    registration.wrote(put, size_of(parts));  // <3>
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
  return std::ranges::all_of(news, fits) ? SendStatus::done  // <4>
                                         : SendStatus::too_much;
}
// end::write[]

// tag::rest[]
// `sent` bytes are written: of what waits, then of the news. False: one of
// these has gone in part, and its rest finds no room.
bool FrameQueue::consume(std::size_t sent, std::span<const Frame>& news) {
  sent = drop(sent);
  while (!news.empty() && sent >= news.front().wire().size()) {
    sent -= news.front().wire().size();
    news = news.subspan(1);
  }
  if (sent == 0) return true;
  if (!push(news.front())) return false;
  news = news.subspan(1);
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
