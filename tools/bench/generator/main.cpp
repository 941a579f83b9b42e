// load: clients for the capacity lab; build/tools/bench/load --help.

#include <cstdio>
#include <exception>

#include "tools/bench/generator/measure.hpp"
#include "tools/bench/generator/report.hpp"
#include "tools/bench/generator/settings.hpp"

namespace {

int run(int argc, char** argv) {
  const bench::Settings settings = bench::parse(argc, argv);
  const bench::Result result = bench::measure(settings);
  std::puts(bench::to_json(settings, result).c_str());
  if (!settings.latencies.empty()) {
    bench::write_latencies(settings.latencies, result.tally);
  }
  if (!result.error.empty()) {
    std::fprintf(stderr, "load: %s\n", result.error.c_str());
  }
  return static_cast<int>(result.status);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const bench::Help& help) {
    std::fputs(help.text.c_str(), stdout);
    return 0;
  } catch (const bench::Failure& failure) {
    std::fprintf(stderr, "load: %s\n", failure.what());
    return static_cast<int>(failure.status);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load: %s\n", error.what());
    return 1;
  }
}
