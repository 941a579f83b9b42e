// Report: a run as one line of JSON.
#pragma once

#include <string>

#include "tools/bench/generator/measure.hpp"
#include "tools/bench/generator/settings.hpp"

namespace bench {

std::string to_json(const Settings& settings, const Result& result);

// Each latency that was kept, one a line. Throws std::system_error.
void write_latencies(const std::string& path, const Tally& tally);

}  // namespace bench
