#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "common/signals.hpp"
#include "tests/contract/backend_under_test.hpp"
#include "tests/contract/socket_pair.hpp"

using namespace std::chrono_literals;

namespace {

tick::Backend chosen = tick::Backend::automatic;

bool choose(std::string_view word) {
  using enum tick::Backend;
  for (const tick::Backend backend : {select, poll, epoll, kqueue}) {
    if (word != to_string(backend)) continue;
    chosen = backend;
    return true;
  }
  return false;
}

}  // namespace

tick::Backend backend_under_test() { return chosen; }

bool refused(tick::Poller& poller, tick::Trigger trigger) {
  if (poller.supports(trigger)) return false;
  const SocketPair pair = SocketPair::local();
  const int fd = pair.ours.get();
  using tick::Interest;
  CHECK(error_of([&] { poller.add(fd, {}, Interest::readable, trigger); }) ==
        EOPNOTSUPP);
  CHECK(error_of([&] { poller.remove(fd); }) == ENOENT);
  return true;
}

std::vector<tick::Event> wait_for_events(tick::Poller& poller) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    const auto left = deadline - std::chrono::steady_clock::now();
    const auto events = poller.wait(left);
    if (!events.empty() || left <= 0s) return {events.begin(), events.end()};
  }
}

std::vector<tick::Event> events_now(tick::Poller& poller) {
  const auto events = poller.wait(0s);
  return {events.begin(), events.end()};
}

doctest::String doctest::StringMaker<std::vector<tick::Event>>::convert(
    const std::vector<tick::Event>& events) {
  std::string text = "[";
  for (const tick::Event& event : events) {
    text += ' ' + std::to_string(event.token.slot) + '.' +
            std::to_string(event.token.generation) + ':';
    if (event.readable) text += 'r';
    if (event.writable) text += 'w';
    if (event.hangup) text += 'h';
    if (event.drain) text += 'd';
  }
  return (text + " ]").c_str();
}

int main(int argc, char** argv) {
  const char* const word = std::getenv("TICK_BACKEND");
  if (word == nullptr || !choose(word)) {
    std::fprintf(stderr, "TICK_BACKEND=select|poll|epoll|kqueue, not '%s'\n",
                 word == nullptr ? "" : word);
    return 2;
  }
  // A wait that never comes back must not hang whoever runs the suite.
  ::alarm(120);
  tick::ignore_sigpipe();
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);
  ::setrlimit(RLIMIT_NOFILE, &files);
  return doctest::Context(argc, argv).run();
}
