// A kqueue registration is two filters, and the second may fail.

#include <doctest/doctest.h>

#include <cerrno>

#include "common/poller.hpp"
#include "tests/contract/backend_under_test.hpp"
#include "tests/contract/kqueue_model/kqueue_model.hpp"
#include "tests/contract/socket_pair.hpp"

using tick::Event;
using tick::Interest;
using tick::Poller;
using tick::Token;

constexpr Token kToken{5, 3};

TEST_CASE("an add that fails halfway leaves no filter behind") {
  for (const int successes : {0, 1}) {
    CAPTURE(successes);
    Poller poller(backend_under_test());
    const SocketPair pair = SocketPair::tcp();
    pair.they_send("x");
    kqueue_model::fail_add_after(successes);
    const auto add = [&] {
      poller.add(pair.ours.get(), kToken, Interest::both);
    };
    CHECK(error_of(add) == ENOMEM);
    CHECK(events_now(poller).empty());
    CHECK(error_of(add) == 0);
    CHECK(wait_for_events(poller) ==
          std::vector<Event>{{kToken, true, true, false}});
  }
}

TEST_CASE("after a modify that fails halfway the descriptor can be removed") {
  for (const int successes : {0, 1}) {
    CAPTURE(successes);
    Poller poller(backend_under_test());
    const SocketPair pair = SocketPair::tcp();
    pair.they_send("x");
    poller.add(pair.ours.get(), kToken, Interest::both);
    kqueue_model::fail_add_after(successes);
    CHECK(error_of([&] {
            poller.modify(pair.ours.get(), kToken, Interest::both);
          }) == ENOMEM);
    CHECK(error_of([&] { poller.remove(pair.ours.get()); }) == 0);
    CHECK(events_now(poller).empty());
  }
}
