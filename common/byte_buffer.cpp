#include "common/byte_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>

namespace tick {

std::span<std::byte> ByteBuffer::prepare(std::size_t wanted) {
  const std::size_t count = std::min(wanted, room());
  make_room(count);
  prepared_ = end_ + count;
  return {storage_.data() + end_, count};
}

void ByteBuffer::commit(std::size_t count) {
  if (count > prepared_ - end_) {
    throw std::out_of_range("ByteBuffer::commit: more than was prepared");
  }
  end_ += count;
  prepared_ = end_;
}

std::span<const std::byte> ByteBuffer::data() const noexcept {
  return {storage_.data() + begin_, size()};
}

void ByteBuffer::consume(std::size_t count) {
  if (count > size()) {
    throw std::out_of_range("ByteBuffer::consume: more than there is");
  }
  begin_ += count;
  prepared_ = end_;
  if (!empty()) return;
  begin_ = end_ = prepared_ = 0;
  // A moment's burst must not become this peer's footprint. Assigning {} would
  // take the overload for a list, which keeps the capacity.
  storage_ = std::vector<std::byte>();
}

bool ByteBuffer::append(std::span<const std::byte> bytes) {
  if (bytes.size() > room()) return false;
  if (bytes.empty()) return true;
  try {
    const std::span<std::byte> space = prepare(bytes.size());
    std::memcpy(space.data(), bytes.data(), bytes.size());
  } catch (const std::bad_alloc&) {
    return false;
  }
  commit(bytes.size());
  return true;
}

// Bytes are consumed at the front and added at the back. Sliding them down
// when the back is reached moves each byte once for every time the storage is
// passed through, where erasing at each consume() would move them every time.
void ByteBuffer::make_room(std::size_t count) {
  if (storage_.size() - end_ >= count) return;
  const std::size_t held = size();
  if (storage_.size() - held >= count && begin_ >= held) {
    std::memmove(storage_.data(), storage_.data() + begin_, held);
  } else {
    std::vector<std::byte> larger(
        std::min(limit_, std::max(held + count, 2 * storage_.size())));
    if (held > 0) {
      std::memcpy(larger.data(), storage_.data() + begin_, held);
    }
    storage_ = std::move(larger);
  }
  begin_ = 0;
  end_ = held;
}

}  // namespace tick
