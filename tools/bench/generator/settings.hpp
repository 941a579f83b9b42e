// Settings: the command line of the load generator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace bench {

enum class Mode : std::uint8_t { echo, multi_echo, broadcast, churn, idle };

struct Settings {
  Mode mode = Mode::echo;
  std::string mode_name = "echo";
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;

  std::size_t clients = 64;  // that talk; in churn: under way together
  std::size_t idle = 0;      // connections that say nothing
  std::size_t writers = 0;   // of the clients; 0: all
  std::size_t size = 64;     // bytes a message, a frame's length included
  std::size_t depth = 1;     // messages under way, for each who writes

  double seconds = 2;          // that are measured
  std::uint64_t messages = 0;  // stop after so many; 0: time alone decides
  double warmup = 0.2;         // seconds before, not measured
  double patience = 10;        // seconds without an answer: it is stalled

  int cpu = -1;             // core to stay on; -1: any
  std::size_t sources = 0;  // addresses to connect from; 0: as many as needed
  bool ask = false;         // wait for a line on stdin before and after
  bool histogram = false;   // print it as well
  std::string latencies;    // file that gets each of them
};

// Reads the command line. Throws Failure (bad_options) or Help.
Settings parse(int argc, char** argv);

// --help was asked for.
struct Help {
  std::string text;
};

}  // namespace bench
