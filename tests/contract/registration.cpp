// add, modify and remove: what is refused, what is replaced.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/select.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "tests/contract/backend_under_test.hpp"
#include "tests/contract/socket_pair.hpp"

using tick::Backend;
using tick::Event;
using tick::Interest;
using tick::Poller;
using tick::Token;
using tick::Trigger;

constexpr Token kFirst{1, 1};
constexpr Token kSecond{2, 7};

TEST_CASE("a backend has its name and exactly the triggers it is known for") {
  const Poller poller(backend_under_test());
  CHECK(poller.name() == to_string(backend_under_test()));
  const bool all = backend_under_test() == Backend::epoll ||
                   backend_under_test() == Backend::kqueue;
  CHECK(poller.supports(Trigger::level));
  CHECK(poller.supports(Trigger::edge) == all);
  CHECK(poller.supports(Trigger::oneshot) == all);
  CHECK(poller.supports(Trigger::edge_oneshot) == all);
}

TEST_CASE("add refuses a descriptor that is registered, and keeps the first") {
  Poller poller(backend_under_test());
  const SocketPair pair = SocketPair::local();
  const int fd = pair.ours.get();
  poller.add(fd, kFirst, Interest::readable);
  CHECK(error_of([&] { poller.add(fd, kSecond, Interest::both); }) == EEXIST);
  CHECK(events_now(poller).empty());
  pair.they_send("x");
  CHECK(wait_for_events(poller) == std::vector<Event>{{kFirst, true}});
}

TEST_CASE("add refuses a number that is no descriptor") {
  Poller poller(backend_under_test());
  CHECK(error_of([&] { poller.add(-1, kFirst, Interest::readable); }) == EBADF);
}

TEST_CASE("modify and remove refuse what is not registered") {
  Poller poller(backend_under_test());
  SocketPair pair = SocketPair::local();
  const auto modify_and_remove_refuse = [&](int fd) {
    CAPTURE(fd);
    const auto modify = [&] { poller.modify(fd, kFirst, Interest::both); };
    CHECK(error_of(modify) == ENOENT);
    CHECK(error_of([&] { poller.remove(fd); }) == ENOENT);
  };
  modify_and_remove_refuse(pair.ours.get());  // never added
  modify_and_remove_refuse(-1);
  modify_and_remove_refuse(1 << 20);  // no descriptor has this number
  poller.add(pair.ours.get(), kFirst, Interest::both);
  poller.remove(pair.ours.get());
  modify_and_remove_refuse(pair.ours.get());  // not any more
  const int number = pair.ours.get();
  pair.ours.reset();
  modify_and_remove_refuse(number);  // closed
}

TEST_CASE("a refusal names the call and the reason") {
  Poller poller(backend_under_test());
  const SocketPair pair = SocketPair::local();
  CHECK_THROWS_WITH_AS(poller.remove(pair.ours.get()),
                       "Poller::remove: No such file or directory",
                       std::system_error);
}

TEST_CASE("a trigger that the backend lacks is refused by add and modify") {
  Poller poller(backend_under_test());
  const SocketPair pair = SocketPair::local();
  const int fd = pair.ours.get();
  poller.add(fd, kFirst, Interest::readable);
  for (const Trigger trigger : kAllTriggers) {
    CAPTURE(to_string(trigger));
    if (!refused(poller, trigger)) continue;
    CHECK(error_of([&] {
            poller.modify(fd, kSecond, Interest::both, trigger);
          }) == EOPNOTSUPP);
  }
  if (poller.supports(Trigger::edge)) return;
  // The refused modify has changed nothing: the socket is writable, and nobody
  // is told.
  CHECK(events_now(poller).empty());
  pair.they_send("x");
  CHECK(wait_for_events(poller) == std::vector<Event>{{kFirst, true}});
}

TEST_CASE("select refuses descriptors from FD_SETSIZE on, others take them") {
  Poller poller(backend_under_test());
  const SocketPair pair = SocketPair::local();
  const auto duplicate = [&](int lowest) {
    const int fd = ::fcntl(pair.ours.get(), F_DUPFD, lowest);
    REQUIRE_MESSAGE(fd >= 0, "needs `ulimit -n` above FD_SETSIZE");
    return tick::FileDescriptor(fd);
  };
  const auto add = [&](int fd) {
    return error_of([&] { poller.add(fd, kFirst, Interest::writable); });
  };
  const auto last = duplicate(FD_SETSIZE - 1);
  REQUIRE(last.get() == FD_SETSIZE - 1);
  CHECK(add(last.get()) == 0);
  CHECK(wait_for_events(poller).size() == 1);
  poller.remove(last.get());
  const auto beyond = duplicate(FD_SETSIZE);
  const bool narrow = backend_under_test() == Backend::select;
  CHECK(add(beyond.get()) == (narrow ? EINVAL : 0));
}

TEST_CASE("modify replaces the token, and events carry the newest one") {
  Poller poller(backend_under_test());
  const SocketPair pair = SocketPair::local();
  const int fd = pair.ours.get();
  poller.add(fd, kFirst, Interest::readable);
  pair.they_send("x");
  CHECK(wait_for_events(poller) == std::vector<Event>{{kFirst, true}});
  poller.modify(fd, kSecond, Interest::readable);
  CHECK(wait_for_events(poller) == std::vector<Event>{{kSecond, true}});
  poller.modify(fd, {UINT32_MAX, UINT32_MAX}, Interest::readable);
  CHECK(wait_for_events(poller).at(0).token == Token{UINT32_MAX, UINT32_MAX});
}

TEST_CASE("modify replaces the interest") {
  Poller poller(backend_under_test());
  const SocketPair pair = SocketPair::local();
  const int fd = pair.ours.get();
  poller.add(fd, kFirst, Interest::readable);
  CHECK(events_now(poller).empty());
  poller.modify(fd, kFirst, Interest::writable);
  CHECK(wait_for_events(poller) == std::vector<Event>{{kFirst, false, true}});
  pair.they_send("x");
  CHECK(wait_for_events(poller) == std::vector<Event>{{kFirst, false, true}});
  poller.modify(fd, kFirst, Interest::both);
  CHECK(wait_for_events(poller) == std::vector<Event>{{kFirst, true, true}});
  poller.modify(fd, kFirst, Interest::readable);
  CHECK(wait_for_events(poller) == std::vector<Event>{{kFirst, true, false}});
}
