#include "tools/bench/generator/traffic.hpp"

#include "tools/bench/generator/broadcast.hpp"
#include "tools/bench/generator/churn.hpp"
#include "tools/bench/generator/echo.hpp"
#include "tools/bench/generator/multi_echo.hpp"

namespace bench {

std::unique_ptr<Traffic> make_traffic(Bench& bench) {
  switch (bench.settings.mode) {
    case Mode::echo:
    case Mode::idle:
      return std::make_unique<Echo>(bench);
    case Mode::multi_echo:
      return std::make_unique<MultiEcho>(bench);
    case Mode::broadcast:
      return std::make_unique<Broadcast>(bench);
    case Mode::churn:
      return std::make_unique<Churn>(bench);
  }
  return nullptr;
}

}  // namespace bench
