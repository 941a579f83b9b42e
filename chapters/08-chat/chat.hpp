// What a line means in the chat. It knows nothing of sockets.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tick {

constexpr std::size_t kMaxName = 16;    // characters, of a person or a room
constexpr std::size_t kMaxLine = 1000;  // bytes that one may say at a time

// tag::command[]
enum class Verb : std::uint8_t { say, nick, join, who, quit, unknown };

struct Command {
  Verb verb = Verb::say;
  std::string_view rest;  // what is said, the name, or the unknown word
};

// A line that begins with a slash is a command, "//x" says "/x".
constexpr Command parse(std::string_view line) {
  if (!line.starts_with('/')) return {Verb::say, line};
  if (line.starts_with("//")) return {Verb::say, line.substr(1)};
  const std::size_t space = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, space);
  std::string_view rest = line.substr(space);
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  while (rest.ends_with(' ')) rest.remove_suffix(1);
  if (word == "/nick") return {Verb::nick, rest};
  if (word == "/join") return {Verb::join, rest};
  if (word == "/who") return {Verb::who, rest};
  if (word == "/quit") return {Verb::quit, rest};
  return {Verb::unknown, word};
}
// end::command[]

// tag::names[]
// ASCII only: two names that look the same must be the same, and Unicode has
// several letters that look like an a (Unicode Technical Standard 39).
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName &&
         std::ranges::all_of(name, [](char c) {
           return (lower(c) >= 'a' && lower(c) <= 'z') ||
                  (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

constexpr bool is_same(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lower, lower);
}

// The names that newcomers get: nobody may take one.
constexpr bool is_reserved(std::string_view name) {
  return is_same(name.substr(0, 6), "guest-");
}
// end::names[]

}  // namespace tick
