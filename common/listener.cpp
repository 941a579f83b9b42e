#include "common/listener.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "common/errors.hpp"
#include "common/sys.hpp"

namespace tick {
namespace {

void set_option(int fd, int level, int option, int value) {
  check("setsockopt", ::setsockopt(fd, level, option, &value, sizeof value));
}

}  // namespace

// tag::listen[]
Listener::Listener(const Endpoint& endpoint, ListenOptions options)
    : fd_(check("socket", ::socket(endpoint.family(), SOCK_STREAM, 0))) {
  set_option(fd(), SOL_SOCKET, SO_REUSEADDR, 1);  // <1>
  if (options.socket_buffers > 0) {
    set_option(fd(), SOL_SOCKET, SO_SNDBUF, options.socket_buffers);
    set_option(fd(), SOL_SOCKET, SO_RCVBUF, options.socket_buffers);
  }
  check("bind", ::bind(fd(), endpoint.address(), endpoint.size()));  // <2>
  check("listen", ::listen(fd(), options.backlog));                  // <3>
  if (options.mode == Mode::nonblocking) set_nonblocking(fd());
}
// end::listen[]

Endpoint Listener::endpoint() const { return Endpoint::local(fd()); }

// tag::accept[]
AcceptResult Listener::accept(Where where) const {
  for (;;) {
    FileDescriptor client(sys::accept(fd(), true, where));
    if (client.valid()) {
      return {AcceptStatus::accepted, Socket(std::move(client))};
    }
    const int error = errno;
    if (error == EINTR) continue;
    return {accept_status(error), {}, {error, std::generic_category()}};
  }
}

AcceptStatus accept_status(int error) {
  switch (error) {
    case EAGAIN:
#if EAGAIN != EWOULDBLOCK
    case EWOULDBLOCK:
#endif
      return AcceptStatus::would_block;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return AcceptStatus::exhausted;
    case EBADF:
    case EFAULT:
    case EINVAL:
    case ENOTSOCK:
      throw_errno("accept", error);
    default:  // the new connection's own trouble: ECONNABORTED, EPROTO, EPERM…
      return AcceptStatus::retry;
  }
}
// end::accept[]

}  // namespace tick
