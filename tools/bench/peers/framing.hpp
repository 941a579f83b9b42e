// What the broadcasting peers have in common: messages cut from a stream, as
// simply as it is usually done (docs/wire-format.adoc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace peers {

inline constexpr std::size_t kHeader = 8;
inline constexpr std::size_t kMaxFrame = std::size_t{16} << 20;
inline constexpr std::size_t kMaxPending = std::size_t{1}
                                           << 20;  // then it goes

// A message with its header, shared by all who are to get it.
using Message = std::shared_ptr<const std::vector<char>>;

class Cutter {
 public:
  // Calls take(span of a whole message, header included) for each. False: the
  // stream cannot be followed.
  template <class Take>
  bool cut(std::span<const char> bytes, Take take) {
    if (!begun_.empty()) {
      begun_.insert(begun_.end(), bytes.begin(), bytes.end());
      bytes = begun_;
    }
    std::size_t used = 0;
    while (bytes.size() - used >= kHeader) {
      const std::uint64_t length = length_of(bytes.subspan(used));
      if (length > kMaxFrame) return false;
      if (bytes.size() - used < kHeader + length) break;
      take(bytes.subspan(used, kHeader + length));
      used += kHeader + length;
    }
    const auto rest = bytes.subspan(used);
    if (begun_.empty()) {
      begun_.assign(rest.begin(), rest.end());
    } else {
      begun_.erase(begun_.begin(),
                   begun_.begin() + static_cast<std::ptrdiff_t>(used));
    }
    return true;
  }

 private:
  static std::uint64_t length_of(std::span<const char> bytes) {
    std::uint64_t length = 0;
    for (const char byte : bytes.first(kHeader)) {
      length = length << 8 | static_cast<unsigned char>(byte);
    }
    return length;
  }

  std::vector<char> begun_;  // a message that is not whole yet
};

inline Message share(std::span<const char> bytes) {
  return std::make_shared<const std::vector<char>>(bytes.begin(), bytes.end());
}

}  // namespace peers
