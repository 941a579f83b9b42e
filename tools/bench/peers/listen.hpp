// A listening socket as the peers have it: those who accept from it inherit
// TCP_NODELAY (tcp(7), Linux), as from the kit's Acceptor.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "common/errors.hpp"
#include "common/listener.hpp"
#include "common/program.hpp"

namespace peers {

inline tick::Listener listen(const tick::Options& options,
                             tick::Mode mode = tick::Mode::nonblocking) {
  tick::Listener listener = tick::listen(options, mode);
  const int yes = 1;
  tick::check("setsockopt", ::setsockopt(listener.fd(), IPPROTO_TCP,
                                         TCP_NODELAY, &yes, sizeof yes));
  return listener;
}

}  // namespace peers
