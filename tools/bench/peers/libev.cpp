// Echo on libev: a watcher for each client, that waits to read, or to write
// what a full send buffer did not take.

#include <ev.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <vector>

#include "common/listener.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "tools/bench/peers/listen.hpp"

namespace {

struct Client {
  ev_io watcher;  // first: a callback gets its address
  std::vector<char> rest;
};

void close(struct ev_loop* loop, Client* client) {
  ev_io_stop(loop, &client->watcher);
  ::close(client->watcher.fd);
  delete client;
}

void wait_for(struct ev_loop* loop, Client* client, int events) {
  ev_io_stop(loop, &client->watcher);
  ev_io_set(&client->watcher, client->watcher.fd, events);
  ev_io_start(loop, &client->watcher);
}

void flush(struct ev_loop* loop, Client* client) {
  std::vector<char>& rest = client->rest;
  const ssize_t n = ::write(client->watcher.fd, rest.data(), rest.size());
  if (n < 0 && errno == EAGAIN) return;
  if (n < 0) return close(loop, client);
  rest.erase(rest.begin(), rest.begin() + n);
  if (rest.empty()) wait_for(loop, client, EV_READ);
}

void echo(struct ev_loop* loop, Client* client) {
  static std::array<char, 64 * 1024> buffer;
  const int fd = client->watcher.fd;
  const ssize_t n = ::read(fd, buffer.data(), buffer.size());
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) return close(loop, client);
  ssize_t sent = ::write(fd, buffer.data(), static_cast<std::size_t>(n));
  if (sent == n) return;
  if (sent < 0 && errno != EAGAIN) return close(loop, client);
  if (sent < 0) sent = 0;
  client->rest.assign(buffer.data() + sent, buffer.data() + n);
  wait_for(loop, client, EV_WRITE);
}

void on_ready(struct ev_loop* loop, ev_io* watcher, int events) {
  auto* client = reinterpret_cast<Client*>(watcher);
  if ((events & EV_WRITE) != 0) {
    flush(loop, client);
  } else {
    echo(loop, client);
  }
}

void on_connection(struct ev_loop* loop, ev_io* watcher, int) {
  const int fd = ::accept4(watcher->fd, nullptr, nullptr, SOCK_NONBLOCK);
  if (fd < 0) return;
  auto* client = new Client;
  ev_io_init(&client->watcher, on_ready, fd, EV_READ);
  ev_io_start(loop, &client->watcher);
}

void serve(const tick::Options& options) {
  tick::ignore_sigpipe();
  const tick::Listener listener = peers::listen(options);
  struct ev_loop* loop = ev_default_loop(0);
  ev_io acceptor;
  ev_io_init(&acceptor, on_connection, listener.fd(), EV_READ);
  ev_io_start(loop, &acceptor);
  tick::announce(listener);
  ev_run(loop, 0);
}

}  // namespace

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Echo on libev.", tick::Accepts::basics,
                           serve);
}
