// What an event says.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <map>
#include <set>

#include "common/errors.hpp"
#include "common/listener.hpp"
#include "tests/contract/backend_under_test.hpp"
#include "tests/contract/socket_pair.hpp"

using tick::Event;
using tick::Interest;
using tick::Poller;
using tick::Token;
using tick::Trigger;

constexpr Token kToken{5, 3};
constexpr Event kEverything{kToken, true, true, true};

TEST_CASE("what is ready already when it is added is reported") {
  for (const Trigger trigger : kAllTriggers) {
    CAPTURE(to_string(trigger));
    Poller poller(backend_under_test());
    if (refused(poller, trigger)) continue;
    const SocketPair pair = SocketPair::tcp();
    pair.they_send("x");
    poller.add(pair.ours.get(), kToken, Interest::both, trigger);
    CHECK(wait_for_events(poller) ==
          std::vector<Event>{{kToken, true, true, false}});
  }
}

TEST_CASE("a connection that waits makes its listener readable") {
  Poller poller(backend_under_test());
  const tick::Listener listener(tick::Endpoint::resolve("127.0.0.1", 0));
  poller.add(listener.fd(), tick::kListener, Interest::readable);
  CHECK(events_now(poller).empty());
  const tick::FileDescriptor client(::socket(AF_INET, SOCK_STREAM, 0));
  const tick::Endpoint there = listener.endpoint();
  tick::check("connect",
              ::connect(client.get(), there.address(), there.size()));
  CHECK(wait_for_events(poller) ==
        std::vector<Event>{{tick::kListener, true, false, false}});
}

TEST_CASE("the peer's half-close is readable and no hangup") {
  for (const Interest interest : {Interest::readable, Interest::both}) {
    CAPTURE(to_string(interest));
    Poller poller(backend_under_test());
    const SocketPair pair = SocketPair::tcp();
    poller.add(pair.ours.get(), kToken, interest);
    pair.they_shut_down();
    const bool writable = wants_writable(interest);
    CHECK(wait_for_events(poller) ==
          std::vector<Event>{{kToken, true, writable, false}});
  }
}

TEST_CASE("the peer's half-close says nothing to one who only writes") {
  Poller poller(backend_under_test());
  const SocketPair pair = SocketPair::local();
  pair.we_fill();
  poller.add(pair.ours.get(), kToken, Interest::writable);
  pair.they_shut_down();
  CHECK(events_now(poller).empty());
}

TEST_CASE("our own half-close is no hangup") {
  Poller poller(backend_under_test());
  const SocketPair pair = SocketPair::tcp();
  tick::check("shutdown", ::shutdown(pair.ours.get(), SHUT_WR));
  await_condition(pair.theirs.get(), POLLIN);
  poller.add(pair.ours.get(), kToken, Interest::both);
  CHECK(wait_for_events(poller) ==
        std::vector<Event>{{kToken, false, true, false}});
}

TEST_CASE("an error sets both directions and hangup, whichever was asked for") {
  for (const Interest interest :
       {Interest::readable, Interest::writable, Interest::both}) {
    for (const Trigger trigger : kAllTriggers) {
      CAPTURE(to_string(interest));
      CAPTURE(to_string(trigger));
      Poller poller(backend_under_test());
      if (refused(poller, trigger)) continue;
      SocketPair pair = SocketPair::tcp();
      poller.add(pair.ours.get(), kToken, interest, trigger);
      const bool fires = wants_writable(interest);
      if (fires) REQUIRE(wait_for_events(poller).size() == 1);
      pair.they_reset();
      if (fires && trigger != Trigger::level && trigger != Trigger::edge) {
        poller.modify(pair.ours.get(), kToken, interest, trigger);
      }
      Event everything = kEverything;
      everything.drain = trigger == Trigger::edge && wants_readable(interest);
      CHECK(wait_for_events(poller) == std::vector<Event>{everything});
    }
  }
}

TEST_CASE("the end of both directions sets both and hangup") {
  for (const Interest interest :
       {Interest::readable, Interest::writable, Interest::both}) {
    CAPTURE(to_string(interest));
    Poller poller(backend_under_test());
    const SocketPair pair = SocketPair::tcp();
    poller.add(pair.ours.get(), kToken, interest);
    pair.they_shut_down();
    tick::check("shutdown", ::shutdown(pair.ours.get(), SHUT_WR));
    await_condition(pair.ours.get(), POLLHUP);
    CHECK(wait_for_events(poller) == std::vector<Event>{kEverything});
  }
}

TEST_CASE("a local peer that is gone sets both and hangup") {
  for (const Interest interest : {Interest::readable, Interest::writable}) {
    CAPTURE(to_string(interest));
    Poller poller(backend_under_test());
    SocketPair pair = SocketPair::local();
    poller.add(pair.ours.get(), kToken, interest);
    pair.theirs.reset();
    CHECK(wait_for_events(poller) == std::vector<Event>{kEverything});
  }
}

// More than one batch of a thousand where read and write are told apart.
TEST_CASE("1,000 descriptors are all reported, each once a wait") {
  constexpr std::uint32_t kCount = 1000;
  Poller poller(backend_under_test());
  std::vector<SocketPair> pairs;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    SocketPair pair = SocketPair::local();
    // Low numbers are for what select has to watch.
    const int high = ::fcntl(pair.theirs.get(), F_DUPFD, 1100);
    REQUIRE_MESSAGE(high >= 0, "needs `ulimit -n` of 2,200");
    pair.theirs = tick::FileDescriptor(high);
    pair.they_send("x");
    poller.add(pair.ours.get(), {i, i + 1}, Interest::both);
    pairs.push_back(std::move(pair));
  }
  std::map<std::uint32_t, Event> seen;
  const auto all_seen = [&] {
    for (const auto& [slot, event] : seen) {
      if (!event.readable || !event.writable) return false;
    }
    return seen.size() == kCount;
  };
  for (int waits = 0; waits < 100 && !all_seen(); ++waits) {
    std::set<std::uint32_t> batch;
    for (const Event& event : wait_for_events(poller)) {
      REQUIRE(batch.insert(event.token.slot).second);
      REQUIRE(event.token.generation == event.token.slot + 1);
      REQUIRE(!event.hangup);
      Event& known = seen[event.token.slot];
      known.readable |= event.readable;
      known.writable |= event.writable;
    }
  }
  CHECK(all_seen());
}
