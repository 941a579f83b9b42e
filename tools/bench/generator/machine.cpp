#include "tools/bench/generator/machine.hpp"

#include <fmt/core.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fstream>

#include "common/errors.hpp"
#include "common/signals.hpp"
#include "tools/bench/generator/failure.hpp"

namespace bench {
namespace {

volatile std::sig_atomic_t signalled = 0;

extern "C" void note_signal(int) { signalled = 1; }

}  // namespace

void raise_descriptors(std::size_t needed) {
  rlimit limit{};
  tick::check("getrlimit", ::getrlimit(RLIMIT_NOFILE, &limit));
  if (needed > limit.rlim_max) {
    throw Failure(Status::machine,
                  fmt::format("needs {} descriptors, and this process may have "
                              "{} (ulimit -Hn)",
                              needed, limit.rlim_max));
  }
  limit.rlim_cur = limit.rlim_max;
  tick::check("setrlimit", ::setrlimit(RLIMIT_NOFILE, &limit));
}

void stay_on(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  if (::sched_setaffinity(0, sizeof set, &set) < 0) {
    throw Failure(Status::machine, fmt::format("cannot stay on core {}: {}",
                                               cpu, std::strerror(errno)));
  }
}

std::size_t ports_of_an_address() {
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  std::size_t first = 32768;
  std::size_t last = 60999;
  file >> first >> last;
  return std::max<std::size_t>(last + 1, first + 1) - first;
}

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec) / 1e9;
}

void catch_signals() {
  tick::ignore_sigpipe();
  struct sigaction action = {};  // without SA_RESTART: a wait ends
  action.sa_handler = note_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return signalled != 0; }

}  // namespace bench
