// Signals: the two that every server settles before it serves.
//
// Chapter 09 replaces the second by a shutdown that loses nothing.
#pragma once

namespace tick {

// Makes a write to a gone peer fail with EPIPE instead of ending the process.
void ignore_sigpipe();

// SIGINT and SIGTERM end the process at once with status 0. The kernel closes
// every connection; what was still queued for them is lost.
void exit_on_signals();

}  // namespace tick
