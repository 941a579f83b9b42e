// Echo: each client hears its own bytes back, and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tools/bench/generator/pattern.hpp"
#include "tools/bench/generator/streams.hpp"

namespace bench {

class Echo final : public Streams {
 public:
  explicit Echo(Bench& bench);

  void start() override;
  [[nodiscard]] bool quiet() const override { return under_way_ == 0; }
  void check_patience(Time time) override;

 private:
  struct State {
    std::uint64_t heard = 0;  // bytes
    std::uint64_t begun = 0;  // messages
  };

  std::span<const std::byte> text(std::size_t client, std::uint64_t position,
                                  std::size_t most) override;
  void hear(std::size_t client, std::span<const std::byte> bytes,
            Time time) override;
  [[nodiscard]] std::string expected(std::size_t client) const override;

  void begin_more(std::size_t client, std::uint64_t wanted, Time time);
  Time& began(std::size_t client, std::uint64_t message) {
    const std::size_t depth = bench_.settings.depth;
    return began_[client * depth + message % depth];
  }
  // Where in the pattern a client's stream begins: elsewhere for each.
  static std::uint64_t origin(std::size_t client) { return client * 1021; }

  Pattern pattern_;
  std::vector<State> states_;
  std::vector<Time> began_;  // depth for each client
  std::uint64_t under_way_ = 0;
};

}  // namespace bench
