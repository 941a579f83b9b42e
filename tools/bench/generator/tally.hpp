// Tally: what was counted while it was measured. Budget: what may still begin.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "tools/bench/generator/histogram.hpp"

namespace bench {

using Time = std::int64_t;  // nanoseconds of CLOCK_MONOTONIC

inline Time now() noexcept {
  return std::chrono::steady_clock::now().time_since_epoch() /
         std::chrono::nanoseconds(1);
}

inline Time nanoseconds(double seconds) noexcept {
  return static_cast<Time>(seconds * 1e9);
}

inline double to_seconds(Time time) noexcept {
  return static_cast<double>(time) / 1e9;
}

struct Tally {
  std::uint64_t messages = 0;    // begun, and heard back by who sent them
  std::uint64_t deliveries = 0;  // messages heard whole, by anybody
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_heard = 0;
  std::uint64_t reads = 0;  // calls of ours
  std::uint64_t writes = 0;
  std::uint64_t waits = 0;
  Histogram latencies;  // of deliveries, in nanoseconds

  bool keep_each = false;
  std::vector<Time> each;  // the same, if kept

  void delivered(Time latency) {
    ++deliveries;
    latencies.record(static_cast<std::uint64_t>(latency));
    if (keep_each) each.push_back(latency);
  }

  void clear() {
    const bool keep = keep_each;
    *this = Tally();
    keep_each = keep;
  }
};

class Budget {
 public:
  // Neither: nothing may begin. messages 0: as many as the time allows;
  // seconds 0: as long as the messages take.
  void allow(double seconds, std::uint64_t messages) {
    constexpr auto kNever = std::numeric_limits<Time>::max();
    stop_ = seconds > 0 ? now() + nanoseconds(seconds) : kNever;
    left_ = messages > 0 ? messages : std::numeric_limits<std::uint64_t>::max();
  }

  // How many of `wanted` messages may begin at this time.
  [[nodiscard]] std::uint64_t take(std::uint64_t wanted, Time time) noexcept {
    if (time >= stop_) return 0;
    const std::uint64_t granted = wanted < left_ ? wanted : left_;
    left_ -= granted;
    return granted;
  }

  [[nodiscard]] Time stop() const noexcept { return stop_; }

 private:
  Time stop_ = 0;
  std::uint64_t left_ = 0;
};

}  // namespace bench
