#include "common/registration.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/poller.hpp"
#include "common/trace.hpp"
#include "tests/contract/socket_pair.hpp"

using tick::Event;
using tick::Interest;
using tick::IoResult;
using tick::IoStatus;
using tick::Poller;
using tick::Registration;
using tick::Token;
using tick::Trigger;

namespace {

constexpr Token kToken{3, 1};
constexpr std::array kTriggers = {Trigger::level, Trigger::edge,
                                  Trigger::oneshot, Trigger::edge_oneshot};
const IoResult kWouldBlock{IoStatus::would_block};

IoResult done(std::size_t bytes) { return {IoStatus::done, bytes}; }

// The trace is on while this lives. It has to see the descriptors close.
struct Traced {
  Traced() { tick::trace::start(path); }
  Traced(const Traced&) = delete;
  Traced& operator=(const Traced&) = delete;
  ~Traced() {
    tick::trace::detail::enabled = false;
    std::filesystem::remove(path);
  }
  std::string path = std::filesystem::temp_directory_path() /
                     ("tick-registration-" + std::to_string(::getpid()));
};

// One registration on the poller of this system, and how many calls it makes.
struct Watched {
  explicit Watched(Trigger trigger) {
    REQUIRE(registration.open(poller, pair.ours.get(), kToken, trigger));
  }
  // How many calls settle makes.
  [[nodiscard]] std::ptrdiff_t settle(Interest wanted) {
    const auto before = modifies();
    REQUIRE(registration.settle(poller, wanted));
    return modifies() - before;
  }

  // What is told at once; the registration hears it.
  std::vector<Event> hear() {
    const auto events = poller.wait(std::chrono::seconds(0));
    for (const Event& event : events) registration.heard(event);
    return {events.begin(), events.end()};
  }

  [[nodiscard]] std::ptrdiff_t modifies() const {
    std::ifstream in(traced.path);
    std::ptrdiff_t count = 0;
    for (std::string line; std::getline(in, line);) {
      count += line.find(R"("event":"modify")") != std::string::npos ? 1 : 0;
    }
    return count;
  }

  Traced traced;
  SocketPair pair = SocketPair::local();
  Poller poller;
  Registration registration;
};

bool can(Trigger trigger) { return Poller().supports(trigger); }

bool once(Trigger trigger) { return tick::is_oneshot(trigger); }

}  // namespace

TEST_CASE(
    "a fresh registration is writable, and nobody has called it readable") {
  const Registration registration;
  CHECK(registration.writable());
  CHECK_FALSE(registration.readable());
}

TEST_CASE("settle says nothing when nothing has changed") {
  for (const Trigger trigger : kTriggers) {
    if (!can(trigger)) continue;
    CAPTURE(static_cast<int>(trigger));
    Watched one(trigger);
    CHECK(one.settle(Interest::readable) == 0);
    CHECK(one.settle(Interest::readable) == 0);
  }
}

TEST_CASE("settle tells of another interest, once") {
  for (const Trigger trigger : kTriggers) {
    if (!can(trigger)) continue;
    CAPTURE(static_cast<int>(trigger));
    Watched one(trigger);
    one.registration.wrote(kWouldBlock, 10);  // so nothing is left over
    CHECK(one.settle(Interest::both) == 1);
    CHECK(one.settle(Interest::both) == 0);
    CHECK(one.settle(Interest::writable) == 1);
    CHECK(one.settle(Interest::readable) == 1);
  }
}

TEST_CASE("a oneshot that has fired is armed again, and nothing else is") {
  for (const Trigger trigger : kTriggers) {
    if (!can(trigger)) continue;
    CAPTURE(static_cast<int>(trigger));
    Watched one(trigger);
    one.pair.they_send("x");
    REQUIRE(one.hear() == std::vector<Event>{{kToken, true}});
    one.registration.read(kWouldBlock, 10);  // used up
    CHECK(one.settle(Interest::readable) == (once(trigger) ? 1 : 0));
    CHECK(one.settle(Interest::readable) == 0);
  }
}

TEST_CASE("what was told and is left over is told again after settle") {
  for (const Trigger trigger : kTriggers) {
    if (!can(trigger)) continue;
    CAPTURE(static_cast<int>(trigger));
    Watched one(trigger);
    one.pair.they_send("hello");
    REQUIRE(one.hear().size() == 1);
    std::array<char, 2> some;
    REQUIRE(::read(one.pair.ours.get(), some.data(), some.size()) == 2);
    one.registration.read(done(2), 2);  // all that was asked for: perhaps more
    CHECK(one.registration.readable());
    CHECK(one.settle(Interest::readable) ==
          (trigger == Trigger::level ? 0 : 1));
    CHECK(one.hear() == std::vector<Event>{{kToken, true}});
    CHECK(one.registration.readable());
  }
}

TEST_CASE(
    "a short read has emptied the buffer, unless more than bytes is there") {
  Registration registration;
  registration.heard({.token = kToken, .readable = true});
  registration.read(done(9), 10);
  CHECK_FALSE(registration.readable());
  registration.heard({.token = kToken, .readable = true, .drain = true});
  registration.read(done(9), 10);
  CHECK(registration.readable());
  registration.read({IoStatus::closed}, 10);
  CHECK_FALSE(registration.readable());
}

TEST_CASE("a write that was taken in part has filled the send buffer") {
  Registration registration;
  registration.wrote(done(10), 10);
  CHECK(registration.writable());
  registration.wrote(done(9), 10);
  CHECK_FALSE(registration.writable());
  registration.heard({.token = kToken, .readable = true});
  CHECK_FALSE(registration.writable());
  registration.heard({.token = kToken, .writable = true});
  CHECK(registration.writable());
  registration.wrote(kWouldBlock, 10);
  CHECK_FALSE(registration.writable());
}

TEST_CASE("room that is there when writable is asked for is told") {
  for (const Trigger trigger : kTriggers) {
    if (!can(trigger)) continue;
    CAPTURE(static_cast<int>(trigger));
    Watched one(trigger);
    one.registration.wrote(done(1), 2);  // the kernel took less: or so it said
    CHECK(one.settle(Interest::both) == 1);
    CHECK(one.hear() ==
          std::vector<Event>{{.token = kToken, .writable = true}});
    CHECK(one.registration.writable());
  }
}

TEST_CASE("a closed registration is not told of any more") {
  Watched one(Trigger::level);
  one.pair.they_send("x");
  one.registration.close(one.poller);
  CHECK(one.hear().empty());
}

TEST_CASE("a descriptor that is there already cannot be opened") {
  Watched one(Trigger::level);
  Registration second;
  CHECK_FALSE(
      second.open(one.poller, one.pair.ours.get(), {4, 1}, Trigger::level));
}
