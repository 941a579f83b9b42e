// After remove: silence, and a number that is free for the next.

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "common/errors.hpp"
#include "tests/contract/backend_under_test.hpp"
#include "tests/contract/socket_pair.hpp"

using tick::Event;
using tick::Interest;
using tick::Poller;
using tick::Token;
using tick::Trigger;

constexpr Token kOld{3, 1};
constexpr Token kNew{3, 2};

TEST_CASE("no wait after remove tells of the descriptor, under any trigger") {
  for (const Trigger trigger : kAllTriggers) {
    CAPTURE(to_string(trigger));
    Poller poller(backend_under_test());
    if (refused(poller, trigger)) continue;
    SocketPair pair = SocketPair::tcp();
    poller.add(pair.ours.get(), kOld, Interest::both, trigger);
    pair.they_send("told of, removed before anybody waits");
    poller.remove(pair.ours.get());
    CHECK(events_now(poller).empty());
    pair.they_reset();
    CHECK(events_now(poller).empty());
  }
}

TEST_CASE("removing one of two leaves the other as it was") {
  Poller poller(backend_under_test());
  const SocketPair first = SocketPair::local();
  const SocketPair second = SocketPair::local();
  const SocketPair third = SocketPair::local();
  poller.add(first.ours.get(), {1, 1}, Interest::readable);
  poller.add(second.ours.get(), {2, 1}, Interest::readable);
  poller.add(third.ours.get(), {3, 1}, Interest::readable);
  for (const SocketPair* pair : {&first, &second, &third}) {
    pair->they_send("x");
  }
  poller.remove(first.ours.get());
  CHECK(wait_for_events(poller).size() == 2);
  poller.remove(third.ours.get());
  CHECK(wait_for_events(poller) == std::vector<Event>{{{2, 1}, true}});
  poller.add(first.ours.get(), {4, 1}, Interest::readable);
  poller.remove(second.ours.get());
  CHECK(wait_for_events(poller) == std::vector<Event>{{{4, 1}, true}});
}

TEST_CASE("events that were returned stay where they are when one is removed") {
  Poller poller(backend_under_test());
  const SocketPair first = SocketPair::local();
  const SocketPair second = SocketPair::local();
  poller.add(first.ours.get(), {1, 1}, Interest::writable);
  poller.add(second.ours.get(), {2, 1}, Interest::writable);
  const auto events = poller.wait(kPatience);
  REQUIRE(events.size() == 2);
  const std::vector<Event> before(events.begin(), events.end());
  poller.remove(first.ours.get());
  poller.remove(second.ours.get());
  CHECK(std::vector<Event>(events.begin(), events.end()) == before);
}

TEST_CASE("events that were returned stay where they are while others come") {
  Poller poller(backend_under_test());
  const SocketPair first = SocketPair::local();
  poller.add(first.ours.get(), {1, 1}, Interest::writable);
  const auto events = poller.wait(kPatience);
  REQUIRE(events.size() == 1);
  // As an accept loop does, in the middle of a batch; enough for any list to
  // move. What was freed would have been used again by `pairs`.
  std::vector<SocketPair> pairs;
  for (std::uint32_t i = 0; i < 200; ++i) {
    pairs.push_back(SocketPair::local());
    poller.add(pairs.back().ours.get(), {i, 2}, Interest::writable);
  }
  CHECK(std::vector<Event>(events.begin(), events.end()) ==
        std::vector<Event>{{{1, 1}, false, true}});
}

TEST_CASE("a number that is used again gives the new tenant's events only") {
  for (const Trigger trigger : kAllTriggers) {
    CAPTURE(to_string(trigger));
    Poller poller(backend_under_test());
    if (refused(poller, trigger)) continue;
    SocketPair old = SocketPair::tcp();
    const int number = old.ours.get();
    poller.add(number, kOld, Interest::both, trigger);
    old.they_send("x");
    REQUIRE(!wait_for_events(poller).empty());
    poller.remove(number);
    SocketPair fresh = SocketPair::tcp();
    // dup2 closes the old socket and gives its number to the new one.
    REQUIRE(::dup2(fresh.ours.get(), number) == number);
    poller.add(number, kNew, Interest::readable, trigger);
    CHECK(events_now(poller).empty());  // the old one's bytes and its room
    fresh.they_send("y");
    CHECK(wait_for_events(poller) == std::vector<Event>{{kNew, true}});
  }
}

TEST_CASE("descriptors come and go in any order of their numbers") {
  Poller poller(backend_under_test());
  std::vector<SocketPair> pairs;
  for (int i = 0; i < 5; ++i) {
    pairs.push_back(SocketPair::local());
    pairs.back().they_send("x");
  }
  constexpr std::array kAdded = {2U, 4U, 0U, 3U, 1U};
  constexpr std::array kRemoved = {4U, 1U, 2U, 0U, 3U};
  std::size_t count = 0;
  for (const std::uint32_t i : kAdded) {
    poller.add(pairs[i].ours.get(), {i, 1}, Interest::readable);
    CHECK(events_now(poller).size() == ++count);
  }
  for (const std::uint32_t i : kRemoved) {
    poller.remove(pairs[i].ours.get());
    CHECK(events_now(poller).size() == --count);
  }
}
