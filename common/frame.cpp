#include "common/frame.hpp"

#include <cstring>

namespace tick {

Frame::Frame(std::span<const std::byte> payload)
    : size_(kFrameHeader + payload.size()) {
  auto storage = std::make_shared_for_overwrite<std::byte[]>(size_);
  const auto header = encode_length(payload.size());
  std::memcpy(storage.get(), header.data(), header.size());
  if (!payload.empty()) {  // memcpy(3) may not be given a null pointer
    std::memcpy(storage.get() + header.size(), payload.data(), payload.size());
  }
  storage_ = std::move(storage);
}

}  // namespace tick
