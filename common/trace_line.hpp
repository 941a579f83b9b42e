// trace::Line: one line of the trace before it is text. Private to trace*.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/trace.hpp"

namespace tick::trace {

struct Line {
  std::string_view event;
  int fd = -1;                      // -1: not about a descriptor
  std::optional<Token> token = {};  // none: the one `fd` is registered under
  std::int64_t n = 0;
  std::string_view detail = {};
  int error = 0;  // an errno, 0 for none
};

// Adds time, token, place and thread, and writes it. Keeps errno.
void write(Line line, Where where) noexcept;

// From now on lines about `fd` carry `token`; or none.
void remember(int fd, Token token) noexcept;
void forget(int fd) noexcept;
bool has_token(int fd) noexcept;
void forget_interest(int fd) noexcept;  // what poll was asked about it

}  // namespace tick::trace
