// Options: the command line, the same for every server of the kit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/backend.hpp"
#include "common/log.hpp"
#include "common/trigger.hpp"

namespace tick {

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;  // 0: any free one
  log::Level log_level = log::Level::info;
  std::string trace;       // a file's path; empty: no trace
  int socket_buffers = 0;  // bytes, see ListenOptions; 0: the system's choice

  // From chapter 04.
  Backend backend = Backend::automatic;
  // 1,000 fit under the 1,024 descriptors that a process usually may open.
  std::uint32_t max_connections = 1000;

  // From chapter 05.
  Trigger trigger = Trigger::level;

  // From chapter 07.
  std::size_t max_frame = std::size_t{16} << 20;   // bytes of payload
  std::size_t max_pending = std::size_t{1} << 20;  // bytes, see FrameQueue
};

// What a program accepts besides the options that all have.
enum class Accepts : std::uint8_t {
  basics,   // --host --port --log-level --trace --socket-buffers
  poller,   // and --backend --max-connections
  trigger,  // and --trigger
  frames,   // and --max-frame --max-pending
};

// A command line that cannot be meant: one line that says what is wrong.
struct BadOptions : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// --help was asked for; what() is the answer.
struct HelpRequested : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Reads the command line (without the program's name). `about` heads --help.
// Throws BadOptions or HelpRequested.
Options parse_options(const std::string& about, Accepts accepts,
                      const std::vector<std::string>& arguments);

}  // namespace tick
