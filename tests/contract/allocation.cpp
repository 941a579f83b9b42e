// The machine's memory runs out inside add() and modify(): each allocation in
// turn fails once. (What the kernel needs is its own; it says ENOMEM.)

#include "tests/contract/allocation.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdlib>
#include <new>

#include "tests/contract/backend_under_test.hpp"
#include "tests/contract/socket_pair.hpp"

using tick::Event;
using tick::Interest;
using tick::Poller;

namespace {

template <class Call>
[[maybe_unused]] int error_with_failure_after(int allocations, Call call) {
  allocations_before_failure = allocations;
  const int error = error_of(call);
  allocations_before_failure = -1;
  return error;
}

}  // namespace

// clang links a thread sanitizer's operator new in statically and allows no
// other; g++ does not mind.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TICK_ALLOCATIONS_CANNOT_FAIL
#endif
#endif

#if defined(TICK_ALLOCATIONS_CANNOT_FAIL)
TEST_CASE("what happens without memory") {
  MESSAGE("SKIPPED: clang's thread sanitizer keeps operator new to itself");
}
#else

void* operator new(std::size_t size) {
  if (allocations_before_failure >= 0 && allocations_before_failure-- == 0) {
    throw std::bad_alloc();
  }
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

TEST_CASE("an add without memory says ENOMEM and leaves the poller as it was") {
  int failures = 0;
  for (int k = 0; k < 10; ++k) {
    CAPTURE(k);
    Poller poller(backend_under_test());
    const SocketPair first = SocketPair::local();
    const SocketPair second = SocketPair::local();
    poller.add(first.ours.get(), {1, 1}, Interest::readable);
    const auto add = [&] {
      poller.add(second.ours.get(), {2, 1}, Interest::readable);
    };
    const int error = error_with_failure_after(k, add);
    if (error != 0) {
      ++failures;
      CHECK(error == ENOMEM);
      add();
    }
    second.they_send("x");
    CHECK(wait_for_events(poller) == std::vector<Event>{{{2, 1}, true}});
  }
  MESSAGE("allocations that could fail: " << failures);
}

TEST_CASE("a modify and a wait allocate nothing that could fail") {
  Poller poller(backend_under_test());
  std::vector<SocketPair> pairs;
  for (std::uint32_t i = 0; i < 100; ++i) {
    pairs.push_back(SocketPair::local());
    poller.add(pairs.back().ours.get(), {i, 1}, Interest::readable);
  }
  for (const SocketPair& pair : pairs) {
    CHECK(error_with_failure_after(0, [&] {
            poller.modify(pair.ours.get(), {7, 1}, Interest::both);
          }) == 0);
  }
  std::size_t count = 0;
  allocations_before_failure = 0;
  try {
    count = poller.wait(kPatience).size();
  } catch (const std::bad_alloc&) {
  }
  allocations_before_failure = -1;
  CHECK(count == 100);
}

#endif
