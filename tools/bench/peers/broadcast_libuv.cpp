// Frames to everybody on libuv: each is written at once with uv_try_write, and
// what is left of it becomes a request that shares the message.

#include <uv.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "common/program.hpp"
#include "common/signals.hpp"
#include "tools/bench/peers/framing.hpp"
#include "tools/bench/peers/libuv_listen.hpp"

namespace {

struct Client {
  uv_tcp_t handle;  // first: a callback gets its address
  peers::Cutter input;

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle); }
};

struct Request {
  uv_write_t request;  // first, as above
  peers::Message message;
};

std::set<Client*>& clients() {
  static std::set<Client*> all;
  return all;
}

void close(Client* client) {
  auto* handle = reinterpret_cast<uv_handle_t*>(&client->handle);
  if (uv_is_closing(handle) != 0) return;
  clients().erase(client);
  uv_close(handle, [](uv_handle_t* closed) {
    delete reinterpret_cast<Client*>(closed);
  });
}

void on_written(uv_write_t* request, int status) {
  const std::unique_ptr<Request> owner(reinterpret_cast<Request*>(request));
  if (status < 0) close(reinterpret_cast<Client*>(request->handle));
}

// False: it is gone, or too slow.
bool send(Client* client, const peers::Message& message) {
  auto* bytes = const_cast<char*>(message->data());
  uv_buf_t buffer = uv_buf_init(bytes, static_cast<unsigned>(message->size()));
  const int n = uv_try_write(client->stream(), &buffer, 1);
  if (n < 0 && n != UV_EAGAIN) return false;
  const auto sent = static_cast<std::size_t>(std::max(n, 0));
  if (sent == message->size()) return true;
  if (uv_stream_get_write_queue_size(client->stream()) > peers::kMaxPending) {
    return false;
  }
  buffer =
      uv_buf_init(bytes + sent, static_cast<unsigned>(message->size() - sent));
  auto* request = new Request{{}, message};
  return uv_write(&request->request, client->stream(), &buffer, 1,
                  on_written) == 0;
}

void say(const peers::Message& message) {
  std::vector<Client*> gone;
  for (Client* client : clients()) {
    if (!send(client, message)) gone.push_back(client);
  }
  for (Client* client : gone) close(client);
}

// One buffer does for all: a read is handled before the next one begins.
void give_buffer(uv_handle_t*, std::size_t, uv_buf_t* buffer) {
  static std::array<char, 64 * 1024> bytes;
  *buffer = uv_buf_init(bytes.data(), bytes.size());
}

void on_read(uv_stream_t* stream, ssize_t n, const uv_buf_t* buffer) {
  auto* client = reinterpret_cast<Client*>(stream);
  if (n == 0) return;  // EAGAIN
  if (n < 0) return close(client);
  const std::span<const char> bytes(buffer->base, static_cast<std::size_t>(n));
  const bool good = client->input.cut(
      bytes, [](std::span<const char> frame) { say(peers::share(frame)); });
  if (!good) close(client);
}

void on_connection(uv_stream_t* listener, int status) {
  if (status < 0) return;
  auto* client = new Client{};
  uv_tcp_init(listener->loop, &client->handle);
  clients().insert(client);
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
  return tick::run_program(argc, argv, "Frames to everybody, on libuv.",
                           tick::Accepts::basics, serve);
}
