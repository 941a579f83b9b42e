// ByteBuffer: a queue of bytes with one hard limit.
//
//   auto room = buffer.prepare(4096);     // somewhere to put bytes
//   buffer.commit(read into room);        // so many are real now
//   write(buffer.data()); buffer.consume(as many as were taken);
//
// Memory follows what is in it: a buffer that runs empty gives all of it back,
// so a quiet connection costs nothing. The limit is on the bytes held, and
// nothing that arrives can raise it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tick {

class ByteBuffer {
 public:
  explicit ByteBuffer(std::size_t limit) noexcept : limit_(limit) {}

  // Writable space for up to `wanted` bytes: fewer when the limit is near, and
  // empty when the buffer is full. An empty span must never be read into: a
  // read of nothing returns 0 and looks like the end of the stream. Valid
  // until the next call of anything but commit(). What was prepared and not
  // committed is forgotten.
  [[nodiscard]] std::span<std::byte> prepare(std::size_t wanted);

  // Makes the first `count` prepared bytes part of the data. More than were
  // prepared throws std::out_of_range (a bug).
  void commit(std::size_t count);

  // All bytes held, oldest first. Valid until the next prepare, append or
  // consume.
  [[nodiscard]] std::span<const std::byte> data() const noexcept;

  // Drops the oldest `count` bytes; more than there are: std::out_of_range.
  void consume(std::size_t count);

  // Adds all of `bytes` and returns true; or none and returns false, when the
  // limit or the machine's memory does not allow it.
  [[nodiscard]] bool append(std::span<const std::byte> bytes);

  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
  [[nodiscard]] std::size_t room() const noexcept { return limit_ - size(); }
  [[nodiscard]] std::size_t capacity() const noexcept {
    return storage_.size();
  }

 private:
  void make_room(std::size_t count);

  std::size_t limit_;
  std::vector<std::byte> storage_;
  std::size_t begin_ = 0;  // data is [begin_, end_)
  std::size_t end_ = 0;    // prepared is [end_, prepared_)
  std::size_t prepared_ = 0;
};

}  // namespace tick
