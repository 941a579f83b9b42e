// The backend that this run of the contract suite is about: TICK_BACKEND.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <system_error>
#include <vector>

#include "common/backend.hpp"
#include "common/poller.hpp"

inline constexpr std::array kAllTriggers = {
    tick::Trigger::level, tick::Trigger::edge, tick::Trigger::oneshot,
    tick::Trigger::edge_oneshot};

tick::Backend backend_under_test();

// A test of a trigger that the backend lacks tests that it is refused, and
// ends: `if (refused(poller, Trigger::edge)) return;`
bool refused(tick::Poller& poller, tick::Trigger trigger);

// Waits until something is reported, several seconds at most.
std::vector<tick::Event> wait_for_events(tick::Poller& poller);

// What is reported at once. Ask only after await_condition(): then nothing
// here depends on how fast the kernel is.
std::vector<tick::Event> events_now(tick::Poller& poller);

// The errno of the std::system_error that `call` throws, 0 when it does not.
template <class Call>
int error_of(Call call) {
  try {
    call();
  } catch (const std::system_error& error) {
    return error.code().value();
  }
  return 0;
}

// How a failing check prints events.
template <>
struct doctest::StringMaker<std::vector<tick::Event>> {
  static String convert(const std::vector<tick::Event>& events);
};
