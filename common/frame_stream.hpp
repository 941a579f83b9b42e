// FrameStream: a client that sends frames and gets frames.
//
// What chapter 07 wrote out, in one place: socket, decoder, queue and
// registration, and the states that they go through together. It reads and
// takes notes while a batch lasts, and acts in finish(), at the end of the
// tick. The loop, and who is touched, stay the server's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/frame_decoder.hpp"
#include "common/frame_queue.hpp"
#include "common/poller.hpp"
#include "common/registration.hpp"
#include "common/socket.hpp"
#include "common/trace.hpp"
#include "common/where.hpp"

namespace tick {

class FrameStream {
 public:
  // See FrameDecoder and FrameQueue for the limits.
  FrameStream(Socket socket, std::size_t max_frame, std::size_t max_pending);

  // False: the poller cannot take one more; then nothing else may be called.
  [[nodiscard]] bool open(Poller& poller, Token token, Trigger trigger,
                          Where where = Where::current());

  // tag::calls[]
  // ---- during the batch -------------------------------------------------
  // Reads what is there, within a budget, into `scratch`, and calls
  // take(const Frame&) for each frame that is whole, as long as the stream is
  // open. `take` may send() and end(). Throws what it throws, and
  // std::bad_alloc; call abandon() then.
  template <class Take>
  void receive(const Event& event, std::span<std::byte> scratch, Take take,
               Where where = Where::current()) {
    registration_.heard(event);
    for (std::size_t n = 0; n < kReadsPerEvent; ++n) {
      if (!registration_.readable() || !may_read()) return;
      if (!read(scratch, where)) continue;
      while (state_ == State::open) {
        const Decoded got = decoder_.next();
        if (got.status == DecodeStatus::incomplete) break;
        if (got.status == DecodeStatus::too_large) return end();
        trace::frame(socket_.fd(), got.frame.payload().size(), where);
        take(got.frame);
      }
    }
  }

  // Waits for the end of the tick; not so long when too much waits, and a
  // client that does not take it then is cut off. One that is not open gets
  // nothing more.
  void send(const Frame& frame) noexcept;

  // It gets what waits for it, then the end; what it still sends is dropped.
  void end() noexcept;

  // At the end of the tick it is over, whatever waits.
  void abandon() noexcept { state_ = State::closed; }

  // ---- at the end of the tick -------------------------------------------
  // Writes what waits, and tells the poller what it waits for now. False: it is
  // over, and no longer registered.
  [[nodiscard]] bool finish(Poller& poller, Where where = Where::current());
  // end::calls[]

  // It may still send frames and get some.
  [[nodiscard]] bool is_open() const noexcept { return state_ == State::open; }
  [[nodiscard]] Token token() const noexcept { return registration_.token(); }

 private:
  enum class State : std::uint8_t { open, draining, refused, lingers, closed };

  static constexpr std::size_t kReadsPerEvent = 4;     // fairness
  static constexpr std::size_t kPauseAt = 64 * 1024;   // waiting: read no more
  static constexpr std::size_t kMaxDropped = 1 << 20;  // bytes, when refused

  [[nodiscard]] bool may_read() const noexcept;
  [[nodiscard]] Interest interest() const noexcept;
  bool read(std::span<std::byte> scratch, Where where);

  Socket socket_;
  Registration registration_;
  FrameDecoder decoder_;
  FrameQueue output_;
  std::uint32_t dropped_ = 0;  // bytes, since it was refused
  State state_ = State::open;
};

}  // namespace tick
