// Histogram: how often each latency occurred, within 0.8 %.
//
// Log-linear, as in HdrHistogram: every power of two is cut into 128 parts of
// equal width, and below 256 each value has a part of its own. So recording is
// a shift and an increment, and its size does not depend on what is recorded.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

class Histogram {
 public:
  Histogram() : counts_(kParts * (kLongest - kBits + 1)) {}

  void record(std::uint64_t value) noexcept {
    if (value > kMost) value = kMost;
    ++counts_[index(value)];
    ++count_;
    sum_ += value;
    if (value > most_) most_ = value;
  }

  void clear();

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t most() const noexcept { return most_; }
  [[nodiscard]] double mean() const noexcept;

  // A value that `share` (0 to 1) of all do not exceed: the middle of its
  // part. 0 when nothing was recorded.
  [[nodiscard]] double percentile(double share) const noexcept;

  // The parts in which there is something.
  struct Part {
    double middle;
    std::uint64_t count;
  };
  [[nodiscard]] std::vector<Part> parts() const;

 private:
  static constexpr int kBits = 7;  // 128 parts a power of two
  static constexpr std::size_t kParts = std::size_t{1} << kBits;
  static constexpr int kLongest = 40;  // bits: 18 minutes in nanoseconds
  static constexpr std::uint64_t kMost = (std::uint64_t{1} << kLongest) - 1;

  static std::size_t index(std::uint64_t value) noexcept {
    const int extra = static_cast<int>(std::bit_width(value)) - kBits - 1;
    if (extra <= 0) return value;
    return static_cast<std::size_t>(extra) * kParts + (value >> extra);
  }
  static double middle(std::size_t index) noexcept;

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t most_ = 0;
};

}  // namespace bench
