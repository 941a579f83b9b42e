// Endpoint: an IPv4 or IPv6 address and a port.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace tick {

class Endpoint {
 public:
  // `host` is a numeric address ("127.0.0.1", "::1") or a name, which is
  // looked up (getaddrinfo(3)) and may wait for the network: at start-up only.
  // Port 0 means "any free one" when listening. Throws std::system_error.
  static Endpoint resolve(const std::string& host, std::uint16_t port);

  // The address that `fd` is bound to (getsockname(2)). Throws.
  static Endpoint local(int fd);

  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] std::string to_string() const;  // "127.0.0.1:80", "[::1]:80"

  [[nodiscard]] int family() const noexcept { return storage_.ss_family; }
  [[nodiscard]] const sockaddr* address() const noexcept;
  [[nodiscard]] socklen_t size() const noexcept { return size_; }

 private:
  Endpoint() = default;

  sockaddr_storage storage_ = {};
  socklen_t size_ = sizeof storage_;
};

}  // namespace tick
