#include "common/text.hpp"

#include <doctest/doctest.h>
#include <utf8proc.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

using tick::printable;
using namespace std::string_literals;

namespace {

constexpr const char* kLost = "\xEF\xBF\xBD";  // U+FFFD

std::string utf8(utf8proc_int32_t character) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto size = utf8proc_encode_char(character, bytes.data());
  return {reinterpret_cast<const char*>(bytes.data()),
          static_cast<std::size_t>(size)};
}

}  // namespace

TEST_CASE("text without anything to obey stays as it is") {
  for (const std::string text :
       {"", "hello", "gr\u00fc\u00dfe", "\u4f60\u597d", "\u0645\u0631\u062d",
        "e\u0301", "\U0001f600", "a\u00a0b", "\ufffd", "\U0010ffff"}) {
    CHECK(printable(text) == text);
  }
}

TEST_CASE("an emoji of several characters stays whole") {
  const std::string coder = "\U0001f469\u200d\U0001f4bb";  // joined by a ZWJ
  const std::string heart = "\u2764\ufe0f";                // a variation
  const std::string flag = "\U0001f1e9\U0001f1ea";         // two letters
  const std::string wave = "\U0001f44b\U0001f3fd";         // a tone of skin
  const std::string england =
      "\U0001f3f4\U000e0067\U000e0062\U000e0065"
      "\U000e006e\U000e0067\U000e007f";  // tags
  for (const std::string& text : {coder, heart, flag, wave, england}) {
    CHECK(printable(text) == text);
  }
}

TEST_CASE("what is not UTF-8 is refused") {
  for (const std::string& text : {
           "\xff"s,
           "\xfe"s,  // bytes that UTF-8 has not
           "\x80"s,
           "a\xbf"s,  // go on with nothing
           "\xc3"s,
           "\xe4\xbd"s,
           "\xf0\x9f\x98"s,  // end too early
           "\xc3z"s,
           "\xe4\xbdz"s,
           "\xc3\xc3\xa9"s,  // another one too early
           "\xc0\x80"s,
           "\xc0\xaf"s,
           "\xc1\xbf"s,  // longer than need be
           "\xe0\x80\x80"s,
           "\xe0\x9f\xbf"s,
           "\xf0\x80\x80\x80"s,
           "\xf0\x8f\xbf\xbf"s,
           "\xed\xa0\x80"s,
           "\xed\xbf\xbf"s,              // surrogates
           "\xed\xa0\xbd\xed\xb8\x80"s,  // a pair of them (CESU-8)
           "\xf4\x90\x80\x80"s,          // beyond U+10FFFF
           "\xf5\x80\x80\x80"s,
           "\xf8\x88\x80\x80\x80"s,
           "caf\xe9"s,  // Latin-1
       }) {
    CAPTURE(text.size());
    CHECK(printable(text) == std::nullopt);
    CHECK(printable("fine so far " + text) == std::nullopt);
  }
}

TEST_CASE("the borders of UTF-8 are inside") {
  for (const std::string& text :
       {"\xc2\xa0"s, "\xdf\xbf"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s,
        "\xee\x80\x80"s, "\xef\xbf\xbd"s, "\xf0\x90\x80\x80"s,
        "\xf4\x8f\xbf\xbd"s}) {
    CHECK(printable(text) == text);
  }
}

TEST_CASE("control characters become U+FFFD, a tab a space") {
  for (utf8proc_int32_t c = 0; c < 0xa0; ++c) {
    const bool control = c < 0x20 || c >= 0x7f;
    CAPTURE(c);
    const std::string text = "a" + utf8(c) + "b";
    if (c == '\t') {
      CHECK(printable(text) == "a b");
    } else {
      CHECK(printable(text) == (control ? "a"s + kLost + "b" : text));
    }
  }
}

TEST_CASE("a sequence that a terminal would obey loses what makes it one") {
  CHECK(printable("\x1b[2J") == kLost + "[2J"s);
  CHECK(printable("\x1b]0;title\x07") == kLost + "]0;title"s + kLost);
  CHECK(printable("\xc2\x9b"
                  "31m") == kLost + "31m"s);  // C1: the same in one
  CHECK(printable("two\r\nlines") == "two"s + kLost + kLost + "lines");
  CHECK(printable("a\0b"s) == "a"s + kLost + "b");
}

TEST_CASE("separators of lines and marks that turn the writing are lost") {
  for (const utf8proc_int32_t c :
       {0x2028, 0x2029, 0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d,
        0x202e, 0x2066, 0x2067, 0x2068, 0x2069}) {
    CAPTURE(c);
    CHECK(printable("a" + utf8(c) + "b") == "a"s + kLost + "b");
  }
  for (const utf8proc_int32_t c : {0x200b, 0x200d, 0x2027, 0x202f, 0x2065}) {
    CAPTURE(c);
    CHECK(printable("a" + utf8(c) + "b") == "a" + utf8(c) + "b");
  }
}

TEST_CASE("what is printable stays so when it is cleaned again") {
  for (utf8proc_int32_t c = 0; c < 0x110000; c += c < 0x3000 ? 1 : 257) {
    if (c >= 0xd800 && c < 0xe000) continue;
    const std::optional<std::string> once = printable(utf8(c));
    REQUIRE(once.has_value());
    CHECK(printable(*once) == once);
    CHECK(once->size() <= 4);
  }
}
