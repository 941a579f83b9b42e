// What the peers on libuv have in common: a listener, and the loop.
#pragma once

#include <uv.h>

#include <cstdio>
#include <stdexcept>
#include <string>

#include "common/endpoint.hpp"
#include "common/options.hpp"

namespace peers {

inline void check(const char* call, int result) {
  if (result >= 0) return;
  throw std::runtime_error(std::string(call) + ": " + uv_strerror(result));
}

inline void run_libuv(const tick::Options& options,
                      uv_connection_cb on_connection) {
  const auto endpoint = tick::Endpoint::resolve(options.host, options.port);
  uv_loop_t* loop = uv_default_loop();
  uv_tcp_t listener;
  check("uv_tcp_init", uv_tcp_init(loop, &listener));
  check("uv_tcp_bind", uv_tcp_bind(&listener, endpoint.address(), 0));
  check("uv_listen", uv_listen(reinterpret_cast<uv_stream_t*>(&listener), 4096,
                               on_connection));
  uv_os_fd_t fd = -1;
  check("uv_fileno", uv_fileno(reinterpret_cast<uv_handle_t*>(&listener), &fd));
  std::printf("listening on %s\n",
              tick::Endpoint::local(fd).to_string().c_str());
  std::fflush(stdout);
  uv_run(loop, UV_RUN_DEFAULT);
}

}  // namespace peers
