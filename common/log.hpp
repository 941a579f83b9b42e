// log: lines on standard error, for people (`--log-level`).
//
//   log::warn("accept: {}, pausing", error.message());
//
// A log must never stop the loop. A line that standard error has no room for
// at once (a full pipe, a full disk, a stopped terminal) is dropped and
// counted; longer lines than 4,096 bytes, PIPE_BUF, are cut, because up to
// there a pipe that polls writable takes the line whole (pipe(7)).
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string_view>

namespace tick::log {

enum class Level : std::uint8_t { debug, info, warn, error, off };

namespace detail {
inline Level least = Level::info;  // set once, before a second thread exists
void write(Level level, fmt::string_view format, fmt::format_args args);
}  // namespace detail

void set_level(Level level) noexcept;

// How many lines were dropped since the process began.
[[nodiscard]] std::uint64_t dropped() noexcept;

inline bool enabled(Level level) noexcept { return level >= detail::least; }

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::debug)) {
    detail::write(Level::debug, format, fmt::make_format_args(args...));
  }
}

template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::info)) {
    detail::write(Level::info, format, fmt::make_format_args(args...));
  }
}

template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::warn)) {
    detail::write(Level::warn, format, fmt::make_format_args(args...));
  }
}

template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::error)) {
    detail::write(Level::error, format, fmt::make_format_args(args...));
  }
}

}  // namespace tick::log
