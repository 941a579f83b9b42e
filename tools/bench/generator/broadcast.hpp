// Broadcast: all hear the frames of all writers, whole, and in one order that
// is the same for all.
//
// A frame says who sent it and the how manyth of its sender's it is; the rest
// is a piece of the pattern that depends on both.
//
//   8 bytes  length of what follows, most significant byte first
//   4 bytes  writer          (these two as the machine has them)
//   4 bytes  message, its low 32 bits
//   the rest, up to --size
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tools/bench/generator/chorus.hpp"
#include "tools/bench/generator/frame_start.hpp"
#include "tools/bench/generator/pattern.hpp"

namespace bench {

class Broadcast final : public Chorus {
 public:
  explicit Broadcast(Bench& bench);

 private:
  struct Ear {               // what a client has heard
    std::size_t place = 0;   // bytes of the frame that is coming
    FrameStart start{};      // its first bytes
    std::uint64_t told = 0;  // frames before it
  };

  std::span<const std::byte> text(std::size_t client, std::uint64_t position,
                                  std::size_t most) override;
  void take(std::size_t client, std::span<const std::byte> bytes,
            Time time) override;
  [[nodiscard]] std::string expected(std::size_t client) const override;
  [[nodiscard]] std::span<const std::byte> probe() const override;
  [[nodiscard]] std::uint64_t next(std::size_t client,
                                   std::size_t writer) const override {
    return next_[client * writers() + writer];
  }

  std::size_t take_start(std::size_t client, std::span<const std::byte> bytes);
  std::size_t take_rest(std::size_t client, std::span<const std::byte> bytes);
  void check_start(std::size_t client);
  void check_order(std::size_t client, std::size_t writer);
  void finish(std::size_t client, Time time);
  static std::uint64_t origin(std::size_t writer, std::uint64_t message) {
    return writer * 7'919 + message * 1'021;
  }

  Pattern pattern_;
  FrameStart probe_;
  std::vector<Ear> ears_;
  std::vector<std::uint64_t> next_;  // message, for whom of whom
  std::vector<std::byte> text_;      // frames on their way out

  // Who sent the frames that anybody has heard, the last ones.
  static constexpr std::size_t kOrder = std::size_t{1} << 16;
  std::vector<std::uint32_t> order_;
  std::uint64_t told_ = 0;  // frames, to the client that is furthest
};

}  // namespace bench
