// Echo on libevent, with its bufferevents: what came into the input buffer is
// moved, not copied, to the output buffer.

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <sys/socket.h>

#include <cstddef>

#include "common/errors.hpp"
#include "common/listener.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "tools/bench/peers/listen.hpp"

namespace {

constexpr std::size_t kMaxWaiting = 256 * 1024;  // then no more is read

void on_input(bufferevent* client, void*) {
  evbuffer* output = bufferevent_get_output(client);
  evbuffer_add_buffer(output, bufferevent_get_input(client));
  if (evbuffer_get_length(output) > kMaxWaiting) {
    bufferevent_disable(client, EV_READ);
  }
}

void on_written(bufferevent* client, void*) {
  bufferevent_enable(client, EV_READ);
}

void on_event(bufferevent* client, short what, void*) {
  if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0) {
    bufferevent_free(client);
  }
}

void on_connection(evconnlistener* listener, evutil_socket_t fd, sockaddr*, int,
                   void*) {
  bufferevent* client = bufferevent_socket_new(
      evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);
  bufferevent_setcb(client, on_input, on_written, on_event, nullptr);
  bufferevent_enable(client, EV_READ | EV_WRITE);
}

void serve(const tick::Options& options) {
  tick::ignore_sigpipe();
  const tick::Listener listener = peers::listen(options);
  event_base* base = event_base_new();
  if (evconnlistener_new(base, on_connection, nullptr, 0, 0, listener.fd()) ==
      nullptr) {
    tick::throw_errno("evconnlistener_new");
  }
  tick::announce(listener);
  event_base_dispatch(base);
}

}  // namespace

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Echo on libevent.",
                           tick::Accepts::basics, serve);
}
