// Which backend a Poller gets, and what it leaves alone.

#include <doctest/doctest.h>
#include <fcntl.h>

#include <cerrno>

#include "tests/contract/backend_under_test.hpp"
#include "tests/contract/socket_pair.hpp"

using tick::Backend;
using tick::Interest;
using tick::Poller;

TEST_CASE("automatic is the best that the system has") {
#if defined(__linux__)
  CHECK(Poller(Backend::automatic).name() == "epoll");
#elif __has_include(<sys/event.h>)
  CHECK(Poller(Backend::automatic).name() == "kqueue");
#else
  CHECK(Poller(Backend::automatic).name() == "poll");
#endif
}

TEST_CASE("a backend that the system lacks is refused by name") {
#if !defined(__linux__)
  constexpr Backend kAbsent = Backend::epoll;
#else
  constexpr Backend kAbsent = Backend::kqueue;
#endif
#if defined(__linux__) && __has_include(<sys/event.h>)
  CHECK(Poller(kAbsent).name() == "kqueue");  // the model: none is absent
#else
  CHECK(error_of([] { Poller poller(kAbsent); }) == EOPNOTSUPP);
  CHECK_THROWS_WITH_AS(Poller{kAbsent},
                       doctest::Contains(to_string(kAbsent).data()),
                       std::system_error);
#endif
}

TEST_CASE("a poller that ends closes nothing that was registered") {
  const SocketPair pair = SocketPair::local();
  {
    Poller poller(backend_under_test());
    poller.add(pair.ours.get(), {}, Interest::both);
  }
  CHECK(::fcntl(pair.ours.get(), F_GETFD) >= 0);
}

TEST_CASE("two pollers watch one descriptor without knowing of each other") {
  Poller first(backend_under_test());
  Poller second(backend_under_test());
  const SocketPair pair = SocketPair::local();
  first.add(pair.ours.get(), {1, 1}, Interest::readable);
  second.add(pair.ours.get(), {2, 1}, Interest::writable);
  CHECK(events_now(first).empty());
  CHECK(wait_for_events(second).at(0).token == tick::Token{2, 1});
  second.remove(pair.ours.get());
  pair.they_send("x");
  CHECK(wait_for_events(first).at(0).token == tick::Token{1, 1});
}
