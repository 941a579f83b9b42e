// Echo on libuv: what came is written at once with uv_try_write; the rest is a
// request with a copy, and nothing more is read until it is done.

#include <uv.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "common/program.hpp"
#include "common/signals.hpp"
#include "tools/bench/peers/libuv_listen.hpp"

namespace {

struct Client {
  uv_tcp_t handle;  // first: a callback gets its address
  uv_write_t request;
  std::vector<char> rest;

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle); }
};

void close(Client* client) {
  auto* handle = reinterpret_cast<uv_handle_t*>(&client->handle);
  if (uv_is_closing(handle) != 0) return;
  uv_close(handle, [](uv_handle_t* closed) {
    delete reinterpret_cast<Client*>(closed);
  });
}

// One buffer does for all: a read is handled before the next one begins.
void give_buffer(uv_handle_t*, std::size_t, uv_buf_t* buffer) {
  static std::array<char, 64 * 1024> bytes;
  *buffer = uv_buf_init(bytes.data(), bytes.size());
}

void on_read(uv_stream_t* stream, ssize_t n, const uv_buf_t* buffer);

void on_written(uv_write_t* request, int status) {
  auto* client = reinterpret_cast<Client*>(request->handle);
  if (status < 0) return close(client);
  uv_read_start(client->stream(), give_buffer, on_read);
}

void on_read(uv_stream_t* stream, ssize_t n, const uv_buf_t* buffer) {
  auto* client = reinterpret_cast<Client*>(stream);
  if (n == 0) return;  // EAGAIN
  if (n < 0) return close(client);
  uv_buf_t bytes = uv_buf_init(buffer->base, static_cast<unsigned>(n));
  const int sent = uv_try_write(stream, &bytes, 1);
  if (sent == n) return;
  if (sent < 0 && sent != UV_EAGAIN) return close(client);
  client->rest.assign(buffer->base + std::max(sent, 0), buffer->base + n);
  bytes = uv_buf_init(client->rest.data(),
                      static_cast<unsigned>(client->rest.size()));
  uv_read_stop(stream);
  uv_write(&client->request, stream, &bytes, 1, on_written);
}

void on_connection(uv_stream_t* listener, int status) {
  if (status < 0) return;
  auto* client = new Client{};
  uv_tcp_init(listener->loop, &client->handle);
  if (uv_accept(listener, client->stream()) < 0) return close(client);
  uv_tcp_nodelay(&client->handle, 1);
  uv_read_start(client->stream(), give_buffer, on_read);
}

void serve(const tick::Options& options) {
  tick::ignore_sigpipe();
  peers::run_libuv(options, on_connection);
}

}  // namespace

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Echo on libuv.", tick::Accepts::basics,
                           serve);
}
