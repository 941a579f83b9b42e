#include "common/frame.hpp"

#include <algorithm>

namespace tick {

Frame::Frame(std::span<const std::byte> payload)
    : size_(kFrameHeader + payload.size()) {
  auto storage = std::make_shared_for_overwrite<std::byte[]>(size_);
  const auto header = encode_length(payload.size());
  const auto after = std::ranges::copy(header, storage.get()).out;
  std::ranges::copy(payload, after);
  storage_ = std::move(storage);
}

}  // namespace tick
