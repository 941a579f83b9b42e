// How often the same readiness is told.

#include <doctest/doctest.h>
#include <poll.h>

#include "tests/contract/backend_under_test.hpp"
#include "tests/contract/socket_pair.hpp"

using tick::Event;
using tick::Interest;
using tick::Poller;
using tick::Token;
using tick::Trigger;

constexpr Token kToken{5, 3};
const std::vector<Event> kReadable{{kToken, true, false, false}};
const std::vector<Event> kDrain{{kToken, true, false, false, true}};
const std::vector<Event> kWritable{{kToken, false, true, false}};

TEST_CASE("level tells at every wait until there is nothing left") {
  Poller poller(backend_under_test());
  const SocketPair pair = SocketPair::tcp();
  poller.add(pair.ours.get(), kToken, Interest::readable);
  CHECK(events_now(poller).empty());
  pair.they_send("abc");
  for (int i = 0; i < 3; ++i) CHECK(wait_for_events(poller) == kReadable);
  CHECK(pair.we_drain() == 3);
  CHECK(events_now(poller).empty());
}

TEST_CASE("level writable ends when the buffer is full and comes back") {
  Poller poller(backend_under_test());
  const SocketPair pair = SocketPair::local();
  poller.add(pair.ours.get(), kToken, Interest::writable);
  for (int i = 0; i < 3; ++i) CHECK(wait_for_events(poller) == kWritable);
  pair.we_fill();
  CHECK(events_now(poller).empty());
  CHECK(pair.they_drain() > 0);
  CHECK(wait_for_events(poller) == kWritable);
}

TEST_CASE("edge tells once for bytes that nobody reads") {
  Poller poller(backend_under_test());
  if (refused(poller, Trigger::edge)) return;
  const SocketPair pair = SocketPair::tcp();
  poller.add(pair.ours.get(), kToken, Interest::readable, Trigger::edge);
  CHECK(events_now(poller).empty());
  pair.they_send("abc");
  CHECK(wait_for_events(poller) == kReadable);
  CHECK(events_now(poller).empty());
  CHECK(events_now(poller).empty());
}

TEST_CASE("edge tells again of new bytes after EAGAIN") {
  Poller poller(backend_under_test());
  if (refused(poller, Trigger::edge)) return;
  const SocketPair pair = SocketPair::tcp();
  poller.add(pair.ours.get(), kToken, Interest::readable, Trigger::edge);
  for (int i = 0; i < 3; ++i) {
    pair.they_send("abc");
    CHECK(wait_for_events(poller) == kReadable);
    CHECK(pair.we_drain() == 3);
    CHECK(events_now(poller).empty());
  }
}

TEST_CASE("edge tells again of room after EAGAIN") {
  Poller poller(backend_under_test());
  if (refused(poller, Trigger::edge)) return;
  const SocketPair pair = SocketPair::local();
  poller.add(pair.ours.get(), kToken, Interest::writable, Trigger::edge);
  CHECK(wait_for_events(poller) == kWritable);
  CHECK(events_now(poller).empty());
  pair.we_fill();
  CHECK(pair.they_drain() > 0);
  CHECK(wait_for_events(poller) == kWritable);
}

TEST_CASE("edge tells of the end after the bytes were told") {
  Poller poller(backend_under_test());
  if (refused(poller, Trigger::edge)) return;
  const SocketPair pair = SocketPair::tcp();
  poller.add(pair.ours.get(), kToken, Interest::readable, Trigger::edge);
  pair.they_send("abc");
  CHECK(wait_for_events(poller) == kReadable);
  CHECK(pair.we_drain() == 3);
  pair.they_shut_down();
  CHECK(wait_for_events(poller) == kDrain);
}

// Else a server that takes a short read for the last one never hears the end:
// both have come, and one edge is told for both.
TEST_CASE("edge says to drain when the end has come behind the bytes") {
  for (const Interest interest : {Interest::readable, Interest::both}) {
    CAPTURE(to_string(interest));
    Poller poller(backend_under_test());
    if (refused(poller, Trigger::edge)) return;
    const SocketPair pair = SocketPair::tcp();
    pair.they_send("abc");
    pair.they_shut_down();
    const std::vector<Event> both{
        {kToken, true, wants_writable(interest), false, true}};
    poller.add(pair.ours.get(), kToken, interest, Trigger::edge);
    CHECK(wait_for_events(poller) == both);
    CHECK(events_now(poller).empty());
    poller.modify(pair.ours.get(), kToken, interest, Trigger::edge);
    CHECK(wait_for_events(poller) == both);
    CHECK(pair.we_drain() == 3);
  }
}

TEST_CASE(
    "edge says to drain when bytes stand on both sides of an urgent one") {
  Poller poller(backend_under_test());
  if (refused(poller, Trigger::edge)) return;
  const SocketPair pair = SocketPair::tcp();
  poller.add(pair.ours.get(), kToken, Interest::readable, Trigger::edge);
  pair.they_send("abc");
  pair.they_shout();
  pair.they_send("defg");
  const auto events = wait_for_events(poller);
  REQUIRE(events.size() == 1);
  CHECK(events[0].readable);
  // kqueue(2) has no word for it: only Linux stops a read at the mark.
  CHECK(events[0].drain == (poller.name() == "epoll"));
  CHECK(events_now(poller).empty());
  CHECK(pair.we_drain() == 7);
}

TEST_CASE("bytes alone never say to drain, and only edge ever does") {
  for (const Trigger trigger : kAllTriggers) {
    CAPTURE(to_string(trigger));
    Poller poller(backend_under_test());
    if (refused(poller, trigger)) continue;
    const SocketPair pair = SocketPair::tcp();
    poller.add(pair.ours.get(), kToken, Interest::readable, trigger);
    pair.they_send("abc");
    CHECK(wait_for_events(poller) == kReadable);
    if (trigger == Trigger::edge) continue;
    pair.they_shout();
    pair.they_shut_down();
    poller.modify(pair.ours.get(), kToken, Interest::readable, trigger);
    CHECK(wait_for_events(poller) == kReadable);
  }
}

// Linux keeps an urgent byte that nobody fetches, and read(2) steps over it.
TEST_CASE("an urgent byte that nobody fetches does not spin the loop") {
  for (const Trigger trigger : kAllTriggers) {
    CAPTURE(to_string(trigger));
    Poller poller(backend_under_test());
    if (refused(poller, trigger)) continue;
    const SocketPair pair = SocketPair::tcp();
    poller.add(pair.ours.get(), kToken, Interest::readable, trigger);
    pair.they_shout();
    const auto told = events_now(poller);
    CHECK(told.size() <= (trigger == Trigger::edge ? 1 : 0));
    CHECK(pair.we_drain() == 0);
    for (int i = 0; i < 3; ++i) CHECK(events_now(poller).empty());
    pair.they_send("abc");  // and it hides nothing
    CHECK(wait_for_events(poller).size() == 1);
    CHECK(pair.we_drain() == 3);
    if (is_oneshot(trigger)) {
      poller.modify(pair.ours.get(), kToken, Interest::readable, trigger);
    }
    for (int i = 0; i < 3; ++i) CHECK(events_now(poller).empty());
  }
}

TEST_CASE("a oneshot that fired stays silent until it is re-armed") {
  for (const Trigger trigger : {Trigger::oneshot, Trigger::edge_oneshot}) {
    CAPTURE(to_string(trigger));
    Poller poller(backend_under_test());
    if (refused(poller, trigger)) continue;
    const SocketPair pair = SocketPair::tcp();
    poller.add(pair.ours.get(), kToken, Interest::readable, trigger);
    pair.they_send("abc");
    CHECK(wait_for_events(poller) == kReadable);
    CHECK(events_now(poller).empty());
    CHECK(pair.we_drain() == 3);
    pair.they_send("new");
    CHECK(events_now(poller).empty());
    poller.modify(pair.ours.get(), kToken, Interest::readable, trigger);
    CHECK(wait_for_events(poller) == kReadable);
    CHECK(events_now(poller).empty());
    CHECK(pair.we_drain() == 3);
    poller.modify(pair.ours.get(), kToken, Interest::readable, trigger);
    CHECK(events_now(poller).empty());  // re-armed, and nothing is ready
    pair.they_send("newer");
    CHECK(wait_for_events(poller) == kReadable);
  }
}

TEST_CASE("a oneshot that fired stays silent even when the peer hangs up") {
  for (const Trigger trigger : {Trigger::oneshot, Trigger::edge_oneshot}) {
    for (const Interest interest : {Interest::readable, Interest::writable}) {
      for (const bool reset : {false, true}) {
        CAPTURE(to_string(trigger));
        CAPTURE(to_string(interest));
        CAPTURE(reset);
        Poller poller(backend_under_test());
        if (refused(poller, trigger)) continue;
        SocketPair pair = SocketPair::tcp();
        pair.they_send("abc");
        poller.add(pair.ours.get(), kToken, interest, trigger);
        CHECK(wait_for_events(poller).size() == 1);
        reset ? pair.they_reset() : pair.they_shut_down();
        CHECK(events_now(poller).empty());
        poller.modify(pair.ours.get(), kToken, interest, trigger);
        const auto events = wait_for_events(poller);
        REQUIRE(events.size() == 1);
        CHECK(events[0].hangup == reset);
      }
    }
  }
}

TEST_CASE("a oneshot for both that fired for one is silent about the other") {
  for (const Trigger trigger : {Trigger::oneshot, Trigger::edge_oneshot}) {
    for (const bool reset : {false, true}) {
      CAPTURE(to_string(trigger));
      CAPTURE(reset);
      Poller poller(backend_under_test());
      if (refused(poller, trigger)) continue;
      SocketPair pair = SocketPair::tcp();
      poller.add(pair.ours.get(), kToken, Interest::both, trigger);
      CHECK(wait_for_events(poller) == kWritable);
      pair.they_send("abc");
      CHECK(events_now(poller).empty());
      reset ? pair.they_reset() : pair.they_shut_down();
      CHECK(events_now(poller).empty());
      poller.modify(pair.ours.get(), kToken, Interest::both, trigger);
      CHECK(wait_for_events(poller) ==
            std::vector<Event>{{kToken, true, true, reset}});
    }
  }
}

TEST_CASE("modify re-arms: what is ready is told again, under every trigger") {
  for (const Trigger trigger : kAllTriggers) {
    CAPTURE(to_string(trigger));
    Poller poller(backend_under_test());
    if (refused(poller, trigger)) continue;
    const SocketPair pair = SocketPair::tcp();
    pair.they_send("abc");
    poller.add(pair.ours.get(), kToken, Interest::both, trigger);
    for (int i = 0; i < 3; ++i) {
      CHECK(wait_for_events(poller) ==
            std::vector<Event>{{kToken, true, true, false}});
      poller.modify(pair.ours.get(), kToken, Interest::both, trigger);
    }
  }
}

TEST_CASE("modify replaces the trigger, from each to each") {
  for (const Trigger before : kAllTriggers) {
    for (const Trigger after : kAllTriggers) {
      CAPTURE(to_string(before));
      CAPTURE(to_string(after));
      Poller poller(backend_under_test());
      if (refused(poller, before) || refused(poller, after)) continue;
      const SocketPair pair = SocketPair::tcp();
      poller.add(pair.ours.get(), kToken, Interest::readable, before);
      pair.they_send("abc");
      CHECK(wait_for_events(poller) == kReadable);
      poller.modify(pair.ours.get(), kToken, Interest::readable, after);
      CHECK(wait_for_events(poller) == kReadable);
      CHECK(events_now(poller).empty() == (after != Trigger::level));
      CHECK(pair.we_drain() == 3);
      pair.they_send("new");
      const bool again = after == Trigger::level || after == Trigger::edge;
      CHECK(events_now(poller).empty() == !again);
    }
  }
}
