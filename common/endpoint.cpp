#include "common/endpoint.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>
#include <system_error>

#include "common/errors.hpp"

namespace tick {
namespace {

// getaddrinfo(3) has error numbers of its own.
class ResolveCategory final : public std::error_category {
  const char* name() const noexcept override { return "getaddrinfo"; }
  std::string message(int error) const override {
    return ::gai_strerror(error);
  }
};

}  // namespace

Endpoint Endpoint::resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    static const ResolveCategory category;
    throw std::system_error(error, category, "getaddrinfo " + host);
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found,
                                                             ::freeaddrinfo);
  Endpoint endpoint;
  std::memcpy(&endpoint.storage_, found->ai_addr, found->ai_addrlen);
  endpoint.size_ = found->ai_addrlen;
  return endpoint;
}

Endpoint Endpoint::local(int fd) {
  Endpoint endpoint;
  check("getsockname",
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&endpoint.storage_),
                      &endpoint.size_));
  return endpoint;
}

const sockaddr* Endpoint::address() const noexcept {
  return reinterpret_cast<const sockaddr*>(&storage_);
}

std::uint16_t Endpoint::port() const noexcept {
  if (family() == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
}

std::string Endpoint::to_string() const {
  char text[NI_MAXHOST];
  if (::getnameinfo(address(), size_, text, sizeof text, nullptr, 0,
                    NI_NUMERICHOST) != 0) {
    return "?";
  }
  const std::string host =
      family() == AF_INET6 ? '[' + std::string(text) + ']' : text;
  return host + ':' + std::to_string(port());
}

}  // namespace tick
