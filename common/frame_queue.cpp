#include "common/frame_queue.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

#include "common/log.hpp"

namespace tick {
namespace {

// tag::gather[]
// What one writev(2) is to write. Short frames are copied side by side and are
// one part together; a long one is a part of its own, where it lies.
class Parts {
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

  [[nodiscard]] std::span<const iovec> all() const noexcept {
    return std::span(parts_).first(count_);
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
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
                             std::span<const Frame> news,
                             std::span<const std::byte> bytes, Where where) {
  while (registration.writable() && !(empty() && news.empty())) {  // <1>
    Parts parts;
    if (parts.add(waiting(), offset_)) {  // <2>
      bytes.empty() ? parts.add(news, 0) : parts.add(bytes);
      bytes = {};  // of what is left after this call, they are not all
    }
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
