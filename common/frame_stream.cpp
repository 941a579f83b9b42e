#include "common/frame_stream.hpp"

#include <utility>

namespace tick {

FrameStream::FrameStream(Socket socket, std::size_t max_frame,
                         std::size_t max_pending)
    : socket_(std::move(socket)), decoder_(max_frame), output_(max_pending) {}

bool FrameStream::open(Poller& poller, Token token, Trigger trigger,
                       Where where) {
  return registration_.open(poller, socket_.fd(), token, trigger, where);
}

bool FrameStream::may_read() const noexcept {
  if (state_ == State::open) return output_.bytes() < kPauseAt;
  return state_ == State::refused || state_ == State::lingers;
}

Interest FrameStream::interest() const noexcept {
  if (output_.empty()) return Interest::readable;
  return may_read() ? Interest::both : Interest::writable;
}

// True: bytes have come that the decoder may make frames of.
bool FrameStream::read(std::span<std::byte> scratch, Where where) {
  const std::span<std::byte> space = decoder_.prepare(scratch);
  const IoResult got = socket_.read(space, where);
  registration_.read(got, space.size());
  switch (got.status) {
    case IoStatus::done:
      if (state_ == State::open) {
        decoder_.commit(got.bytes);
        return true;
      }
      dropped_ += static_cast<std::uint32_t>(got.bytes);
      if (dropped_ > kMaxDropped) state_ = State::closed;
      break;
    case IoStatus::would_block:
      break;
    case IoStatus::closed:
      state_ = State::draining;
      break;
    case IoStatus::failed:
      state_ = State::closed;
      break;
  }
  return false;
}

void FrameStream::send(const Frame& frame) noexcept {
  if (state_ != State::open || output_.push(frame)) return;
  // Too much waits; but perhaps only because a batch brought more than may
  // wait, and nothing has been written yet to one who reads.
  if (output_.write(socket_, registration_, {}) != SendStatus::done ||
      !output_.push(frame)) {
    state_ = State::closed;
  }
}

void FrameStream::end() noexcept {
  if (state_ == State::open) state_ = State::refused;
}

bool FrameStream::finish(Poller& poller, Where where) {
  if (state_ != State::closed &&
      output_.write(socket_, registration_, {}, where) != SendStatus::done) {
    state_ = State::closed;
  }
  if (state_ == State::draining && output_.empty()) state_ = State::closed;
  if (state_ == State::refused && output_.empty()) {
    socket_.stop_sending(where);
    state_ = State::lingers;
  }
  if (state_ != State::closed &&
      !registration_.settle(poller, interest(), where)) {
    state_ = State::closed;
  }
  if (state_ == State::closed) registration_.close(poller, where);
  return state_ != State::closed;
}

}  // namespace tick
