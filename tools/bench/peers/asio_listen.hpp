// What the peers on asio have in common: a listener that says where it is.
#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <cstdio>

#include "common/endpoint.hpp"
#include "common/options.hpp"

namespace peers {

inline asio::ip::tcp::acceptor listen(asio::io_context& context,
                                      const tick::Options& options) {
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(options.host),
                                         options.port);
  asio::ip::tcp::acceptor acceptor(context, endpoint);
  std::printf(
      "listening on %s\n",
      tick::Endpoint::local(acceptor.native_handle()).to_string().c_str());
  std::fflush(stdout);
  return acceptor;
}

}  // namespace peers
