// Traffic: what clients say and hear, one kind for each mode. The loop that
// drives it is in measure.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "tools/bench/generator/dialer.hpp"
#include "tools/bench/generator/settings.hpp"
#include "tools/bench/generator/tally.hpp"
#include "tools/bench/generator/watch.hpp"

namespace bench {

// What all kinds share and the loop owns.
struct Bench {
  explicit Bench(const Settings& chosen, std::size_t connections)
      : settings(chosen), dialer(chosen, connections) {}

  Settings settings;
  Dialer dialer;
  Watch watch;
  Tally tally;
  Budget budget;
};

class Traffic {
 public:
  Traffic() = default;
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;
  virtual ~Traffic() = default;

  // Connects the clients. All of these throw Failure when the server does not
  // do what it should.
  virtual void open() = 0;

  // Begins what the budget allows; more begins as answers come.
  virtual void start() = 0;

  // The descriptor that was watched under `index` is ready.
  virtual void ready(std::size_t index, std::uint32_t events) = 0;

  // Everything that was begun has come back, to all who are to hear it.
  [[nodiscard]] virtual bool quiet() const = 0;

  // Is anything under way for longer than patience allows?
  virtual void check_patience(Time time) = 0;
};

std::unique_ptr<Traffic> make_traffic(Bench& bench);

}  // namespace bench
