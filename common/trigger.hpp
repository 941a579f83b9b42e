// Trigger: how often a Poller tells of the same readiness.
#pragma once

#include <cstdint>
#include <string_view>

namespace tick {

enum class Trigger : std::uint8_t {
  level,         // at every wait, for as long as the descriptor is ready
  edge,          // once for each change; the reader must drain it (EAGAIN)
  oneshot,       // once, then silent until modify() re-arms it
  edge_oneshot,  // as oneshot: what is told once has nothing to repeat
};

// Silent after each event until modify() re-arms it.
constexpr bool is_oneshot(Trigger trigger) noexcept {
  return trigger == Trigger::oneshot || trigger == Trigger::edge_oneshot;
}

constexpr std::string_view to_string(Trigger trigger) noexcept {
  switch (trigger) {
    case Trigger::level:
      return "level";
    case Trigger::edge:
      return "edge";
    case Trigger::oneshot:
      return "oneshot";
    case Trigger::edge_oneshot:
      return "edge_oneshot";
  }
  return "invalid";
}

}  // namespace tick
