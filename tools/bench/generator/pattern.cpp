#include "tools/bench/generator/pattern.hpp"

#include <algorithm>
#include <cstring>
#include <random>

namespace bench {

Pattern::Pattern(Shape shape)
    : period_(shape.period), bytes_(shape.period + shape.piece) {
  std::mt19937 random(20'000 + shape.first);  // the same in every run
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    bytes_[i] =
        i < period_
            ? static_cast<std::byte>(shape.first + random() % shape.values)
            : bytes_[i - period_];
  }
}

std::size_t Pattern::agrees(std::uint64_t position,
                            std::span<const std::byte> bytes) const noexcept {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto expected = at(position + done);
    const auto came = bytes.subspan(done);
    const std::size_t n = std::min(expected.size(), came.size());
    if (std::memcmp(expected.data(), came.data(), n) != 0) {
      const auto end = came.begin() + static_cast<std::ptrdiff_t>(n);
      const auto found = std::mismatch(came.begin(), end, expected.begin());
      return done + static_cast<std::size_t>(found.first - came.begin());
    }
    done += n;
  }
  return done;
}

}  // namespace bench
