// Failure: why a run ended before its time; a line for people and a status.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace bench {

// What the process ends with.
enum class Status : std::uint8_t {
  ok = 0,
  set_up = 1,         // there is no server, or a system call failed
  bad_options = 2,    // a command line that cannot be meant
  server = 3,         // it closed a connection, or did not answer in time
  wrong_bytes = 4,    // what came is not what was sent
  machine = 5,        // too few descriptors or ports
  interrupted = 130,  // SIGINT or SIGTERM
};

struct Failure : std::runtime_error {
  Failure(Status why, const std::string& line)
      : std::runtime_error(line), status(why) {}
  Status status;
};

}  // namespace bench
