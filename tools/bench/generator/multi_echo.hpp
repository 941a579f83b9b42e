// MultiEcho: all hear the bytes of all writers, in pieces that the server
// chooses.
//
// Nothing marks where the bytes of one writer end and those of the next begin,
// so each writer has an alphabet of its own, and its stream is random letters
// of it: a byte tells who sent it, and whether it is the one that is next.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tools/bench/generator/chorus.hpp"
#include "tools/bench/generator/pattern.hpp"

namespace bench {

class MultiEcho final : public Chorus {
 public:
  // 255 values, two letters each at least, and one value for the probe.
  static constexpr std::size_t kMostWriters = 127;

  explicit MultiEcho(Bench& bench);

 private:
  std::span<const std::byte> text(std::size_t client, std::uint64_t position,
                                  std::size_t most) override;
  void take(std::size_t client, std::span<const std::byte> bytes,
            Time time) override;
  [[nodiscard]] std::string expected(std::size_t client) const override;
  [[nodiscard]] std::span<const std::byte> probe() const override;
  [[nodiscard]] std::uint64_t next(std::size_t client,
                                   std::size_t writer) const override;

  // How many of the bytes are the writer's next ones: one at least.
  std::size_t take_of(std::size_t client, std::size_t writer,
                      std::span<const std::byte> bytes, Time time);
  std::uint64_t& heard_of(std::size_t client, std::size_t writer) {
    return heard_[client * writers() + writer];
  }

  std::vector<Pattern> patterns_;          // one for each writer
  std::array<std::uint8_t, 256> owner_{};  // of a byte's value
  std::vector<std::uint64_t> heard_;       // bytes, by whom from whom
};

}  // namespace bench
