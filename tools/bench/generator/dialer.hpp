// Dialer: makes connections to the server, from one address or from many.
//
// One source address has some 28,000 ports, and a closed connection keeps its
// port for a minute. All of 127.0.0.0/8 is this machine, so clients on it come
// from 127.0.0.2, 127.0.0.3, … when one address is not enough.
#pragma once

#include <cstddef>
#include <string>

#include "common/endpoint.hpp"
#include "common/file_descriptor.hpp"
#include "tools/bench/generator/failure.hpp"
#include "tools/bench/generator/settings.hpp"
#include "tools/bench/generator/tally.hpp"

namespace bench {

class Dialer {
 public:
  // needed: connections at the same time; churn wants many ports in a row.
  Dialer(const Settings& settings, std::size_t needed);

  // Begins to connect; non-blocking. Throws Failure (machine) when there is no
  // port or descriptor, Failure (`refused`) when the server refuses.
  tick::FileDescriptor begin(Status refused);

  // Connects, waiting as long as patience lasts. Throws Failure.
  tick::FileDescriptor connect();

  // How many it began.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  void choose_source(int fd) const;

  tick::Endpoint server_;
  Time patience_;
  std::size_t sources_;  // 1: the system's choice
  std::size_t count_ = 0;
};

// "127.0.0.1:40123", the end of a connection that is ours.
std::string name_of(int fd);

}  // namespace bench
