// How long a wait sleeps. The clock sets a lower bound only: how late a sleeper
// wakes is the machine's business.

#include <doctest/doctest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include "tests/contract/backend_under_test.hpp"
#include "tests/contract/socket_pair.hpp"

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using tick::Event;
using tick::Interest;
using tick::Poller;
using tick::Token;

constexpr Token kToken{5, 3};

TEST_CASE("a wait never ends before its timeout when nothing happens") {
  Poller poller(backend_under_test());
  for (const std::chrono::nanoseconds timeout :
       {std::chrono::nanoseconds(1ns), std::chrono::nanoseconds(100us),
        std::chrono::nanoseconds(999'999ns), std::chrono::nanoseconds(1ms),
        std::chrono::nanoseconds(1'000'001ns),
        std::chrono::nanoseconds(20ms)}) {
    CAPTURE(timeout.count());
    const auto begin = Clock::now();
    CHECK(poller.wait(timeout).empty());
    CHECK(Clock::now() - begin >= timeout);
  }
}

TEST_CASE("a timeout rounds up: a nanosecond sleeps a millisecond") {
  Poller poller(backend_under_test());
  const auto begin = Clock::now();
  CHECK(poller.wait(1ns).empty());
  CHECK(Clock::now() - begin >= 1ms);
}

// Were 0 or -1 "for ever", the suite's alarm would end the process.
TEST_CASE("a timeout of zero or less does not sleep") {
  Poller poller(backend_under_test());
  CHECK(poller.wait(0s).empty());
  CHECK(poller.wait(-1ns).empty());
  CHECK(poller.wait(-1ms).empty());
  CHECK(poller.wait(-1h).empty());
  CHECK(poller.wait(std::chrono::nanoseconds::min()).empty());
}

TEST_CASE("a wait with no time to sleep still tells what is ready") {
  Poller poller(backend_under_test());
  const SocketPair pair = SocketPair::local();
  poller.add(pair.ours.get(), kToken, Interest::writable);
  CHECK(poller.wait(-1ms).size() == 1);
  CHECK(poller.wait(0s).size() == 1);
}

TEST_CASE("the longest timeout is a timeout and not an overflow") {
  Poller poller(backend_under_test());
  const SocketPair pair = SocketPair::local();
  poller.add(pair.ours.get(), kToken, Interest::readable);
  std::thread peer([&] {
    std::this_thread::sleep_for(5ms);
    pair.they_send("x");
  });
  const auto events = poller.wait(std::chrono::nanoseconds::max());
  CHECK(events.size() == 1);
  peer.join();
}

TEST_CASE("a wait for ever ends with the event and not before") {
  Poller poller(backend_under_test());
  const SocketPair pair = SocketPair::local();
  poller.add(pair.ours.get(), kToken, Interest::readable);
  std::atomic<bool> sent = false;
  std::thread peer([&] {
    std::this_thread::sleep_for(20ms);  // lets a wait that does not sleep show
    sent = true;
    pair.they_send("x");
  });
  const auto events = poller.wait();
  CHECK(sent);
  REQUIRE(events.size() == 1);
  CHECK(events[0] == Event{kToken, true, false, false});
  peer.join();
}

extern "C" void do_nothing(int) {}

TEST_CASE("a signal ends a wait with no events, and the next wait works") {
  Poller poller(backend_under_test());
  const SocketPair pair = SocketPair::local();
  poller.add(pair.ours.get(), kToken, Interest::readable);
  // SA_RESTART, as signal(3) sets it: these calls are never restarted.
  struct sigaction action {};
  action.sa_handler = do_nothing;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGUSR1, &action, nullptr);
  std::atomic<bool> woken = false;
  // One signal might come before the wait has begun, and be lost.
  std::thread killer([&, sleeper = ::pthread_self()] {
    while (!woken) {
      ::pthread_kill(sleeper, SIGUSR1);
      std::this_thread::sleep_for(1ms);
    }
  });
  const auto begin = Clock::now();
  CHECK(poller.wait(kPatience).empty());
  // The one upper bound of this file, and it is the timeout itself.
  CHECK(Clock::now() - begin < kPatience);
  woken = true;
  killer.join();
  pair.they_send("x");
  CHECK(wait_for_events(poller).size() == 1);
}
