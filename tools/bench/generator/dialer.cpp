#include "tools/bench/generator/dialer.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "common/errors.hpp"
#include "tools/bench/generator/failure.hpp"
#include "tools/bench/generator/machine.hpp"

namespace bench {
namespace {

constexpr std::size_t kChurnSources = 200;                   // 5 million ports
constexpr std::uint32_t kFirstSource = INADDR_LOOPBACK + 1;  // 127.0.0.2

bool is_loopback(const tick::Endpoint& server) {
  if (server.family() != AF_INET) return false;
  const auto* address = reinterpret_cast<const sockaddr_in*>(server.address());
  return ntohl(address->sin_addr.s_addr) >> 24 == 127;
}

std::size_t sources_for(const Settings& settings, std::size_t needed,
                        const tick::Endpoint& server) {
  if (settings.sources > 0) return settings.sources;
  if (!is_loopback(server)) return 1;
  if (settings.mode == Mode::churn) return kChurnSources;
  return std::min<std::size_t>(250, 1 + needed / (ports_of_an_address() / 2));
}

int error_of(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  tick::check("getsockopt",
              ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
  return error;
}

}  // namespace

Dialer::Dialer(const Settings& settings, std::size_t needed)
    : server_(tick::Endpoint::resolve(settings.host, settings.port)),
      patience_(nanoseconds(settings.patience)),
      sources_(sources_for(settings, needed, server_)) {
  if (sources_ > 1 && !is_loopback(server_)) {
    throw Failure(Status::bad_options,
                  "--sources are 127.0.0.x, for a server on this machine");
  }
}

void Dialer::choose_source(int fd) const {
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr =
      htonl(kFirstSource + static_cast<std::uint32_t>(count_ % sources_));
  // The port is chosen by connect(2), which knows the server: the same port
  // serves for each (ip(7)).
  const int yes = 1;
  tick::check(
      "setsockopt",
      ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes));
  tick::check("bind", ::bind(fd, reinterpret_cast<const sockaddr*>(&source),
                             sizeof source));
}

tick::FileDescriptor Dialer::begin(Status refused) {
  tick::FileDescriptor fd(::socket(
      server_.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid() && errno == EMFILE) {
    throw Failure(
        Status::machine,
        fmt::format("no descriptor is left for connection {}", count_ + 1));
  }
  tick::check("socket", fd.get());
  if (sources_ > 1) choose_source(fd.get());
  if (::connect(fd.get(), server_.address(), server_.size()) < 0 &&
      errno != EINPROGRESS) {
    if (errno == EADDRNOTAVAIL) {
      throw Failure(
          Status::machine,
          fmt::format("no port is left for connection {}: {} source address{} "
                      "of {} ports (--sources, or wait a minute)",
                      count_ + 1, sources_, sources_ == 1 ? "" : "es",
                      ports_of_an_address()));
    }
    throw Failure(refused, fmt::format("connect to {}: {}", server_.to_string(),
                                       std::strerror(errno)));
  }
  ++count_;
  return fd;
}

tick::FileDescriptor Dialer::connect() {
  tick::FileDescriptor fd = begin(Status::set_up);
  pollfd wait{fd.get(), POLLOUT, 0};
  const int limit = static_cast<int>(patience_ / 1'000'000);
  const int n = ::poll(&wait, 1, limit);
  if (n < 0 && interrupted()) {
    throw Failure(Status::interrupted, "interrupted");
  }
  tick::check("poll", n);
  const int error = n == 0 ? ETIMEDOUT : error_of(fd.get());
  if (error != 0) {
    throw Failure(count_ == 1 ? Status::set_up : Status::server,
                  fmt::format("connection {} to {}: {}", count_,
                              server_.to_string(), std::strerror(error)));
  }
  const int yes = 1;
  tick::check("setsockopt", ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY,
                                         &yes, sizeof yes));
  return fd;
}

std::string name_of(int fd) {
  try {
    return tick::Endpoint::local(fd).to_string();
  } catch (const std::exception&) {
    return "closed";
  }
}

}  // namespace bench
