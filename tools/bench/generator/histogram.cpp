#include "tools/bench/generator/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace bench {

void Histogram::clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  count_ = sum_ = most_ = 0;
}

double Histogram::mean() const noexcept {
  if (count_ == 0) return 0;
  return static_cast<double>(sum_) / static_cast<double>(count_);
}

double Histogram::percentile(double share) const noexcept {
  const auto rank = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(
             std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) {
      return std::min(middle(i), static_cast<double>(most_));
    }
  }
  return 0;
}

std::vector<Histogram::Part> Histogram::parts() const {
  std::vector<Part> found;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] > 0) found.push_back({middle(i), counts_[i]});
  }
  return found;
}

double Histogram::middle(std::size_t index) noexcept {
  if (index < 2 * kParts) return static_cast<double>(index);
  const std::size_t extra = index / kParts - 1;
  const double width = std::ldexp(1.0, static_cast<int>(extra));
  return (static_cast<double>(index - extra * kParts) + 0.5) * width;
}

}  // namespace bench
