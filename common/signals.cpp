#include "common/signals.hpp"

#include <csignal>
#include <cstdlib>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

namespace tick {
namespace {

// A handler may do almost nothing (signal-safety(7)); _Exit is on the list.
// It runs no destructors, so a sanitizer's search for leaks is asked for here.
// That search is not on the list: do it in a test, with the server at rest.
extern "C" void end_process(int) {
#if defined(__SANITIZE_ADDRESS__)
  __lsan_do_leak_check();
#endif
  std::_Exit(0);
}

}  // namespace

// tag::sigpipe[]
void ignore_sigpipe() { std::signal(SIGPIPE, SIG_IGN); }
// end::sigpipe[]

void exit_on_signals() {
  std::signal(SIGINT, end_process);
  std::signal(SIGTERM, end_process);
}

}  // namespace tick
