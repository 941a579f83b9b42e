// run_program: the `main` of every server, and its one catch.
#pragma once

#include "common/listener.hpp"
#include "common/options.hpp"

namespace tick {

// Reads the options, starts log and trace, arranges for SIGINT and SIGTERM to
// end the process with status 0, and calls `serve`. Returns main's status:
//   0  --help was asked for, or `serve` came back
//   1  set-up failed: one line on stderr that names the call
//   2  bad options: one line on stderr that says which
int run_program(int argc, char** argv, const char* about, Accepts accepts,
                void (*serve)(const Options&));

// A listener for the options' address and buffers.
Listener listen(const Options& options, Mode mode = Mode::nonblocking);

// Prints the one line that standard output gets: "listening on 127.0.0.1:8000".
void announce(const Listener& listener);

}  // namespace tick
