#include "common/endpoint.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "common/listener.hpp"

using tick::Endpoint;
using tick::Listener;

TEST_CASE("an IPv4 address keeps host and port") {
  const Endpoint endpoint = Endpoint::resolve("127.0.0.1", 80);
  CHECK(endpoint.family() == AF_INET);
  CHECK(endpoint.port() == 80);
  CHECK(endpoint.to_string() == "127.0.0.1:80");
}

TEST_CASE("an IPv6 address is written in brackets") {
  const Endpoint endpoint = Endpoint::resolve("::1", 65535);
  CHECK(endpoint.family() == AF_INET6);
  CHECK(endpoint.port() == 65535);
  CHECK(endpoint.to_string() == "[::1]:65535");
}

TEST_CASE("a name is looked up") {
  CHECK(Endpoint::resolve("localhost", 1).port() == 1);
}

// An empty label cannot be asked for, so this needs no network.
TEST_CASE("a host that cannot be found throws, naming getaddrinfo and it") {
  try {
    static_cast<void>(Endpoint::resolve("no..where", 80));
    FAIL("nothing was thrown");
  } catch (const std::system_error& error) {
    CHECK(std::string(error.what()).starts_with("getaddrinfo no..where: "));
    CHECK(std::string(error.code().category().name()) == "getaddrinfo");
  }
}

TEST_CASE("local says which port the kernel chose, for IPv6 too") {
  for (const char* host : {"127.0.0.1", "::1"}) {
    CAPTURE(host);
    try {
      const Listener listener(Endpoint::resolve(host, 0));
      const Endpoint local = Endpoint::local(listener.fd());
      CHECK(local.port() != 0);
      CHECK(local.to_string() == listener.endpoint().to_string());
      CHECK(local.family() == Endpoint::resolve(host, 0).family());
    } catch (const std::system_error& error) {
      // Containers without IPv6 are common; IPv4 has to be there.
      REQUIRE(std::string(host) == "::1");
      const int code = error.code().value();
      const bool lacking = code == EADDRNOTAVAIL || code == EAFNOSUPPORT;
      REQUIRE_MESSAGE(lacking, error.what());
      MESSAGE("SKIPPED: this machine has no IPv6");
    }
  }
  CHECK_THROWS_WITH_AS(static_cast<void>(Endpoint::local(-1)),
                       "getsockname: Bad file descriptor", std::system_error);
}
