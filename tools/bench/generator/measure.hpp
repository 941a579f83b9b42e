// Measure: one run, from the first connection to the last byte.
#pragma once

#include <string>

#include "tools/bench/generator/failure.hpp"
#include "tools/bench/generator/settings.hpp"
#include "tools/bench/generator/tally.hpp"

namespace bench {

struct Result {
  Tally tally;             // of the measured part, or of as much as there was
  double seconds = 0;      // it lasted
  double cpu_seconds = 0;  // of this process in that time
  double connecting = 0;   // seconds until all were connected and served
  Status status = Status::ok;
  std::string error;  // one line; empty when all is well
};

// Does not throw for what a server or this machine does: see `status`.
Result measure(const Settings& settings);

}  // namespace bench
