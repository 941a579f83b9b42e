#include "chapters/08-chat/chat.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using tick::Command;
using tick::is_name;
using tick::is_reserved;
using tick::is_same;
using tick::parse;
using tick::Verb;

namespace {

void check(std::string_view line, Verb verb, std::string_view rest) {
  CAPTURE(line);
  const Command command = parse(line);
  CHECK(command.verb == verb);
  CHECK(command.rest == rest);
}

}  // namespace

TEST_CASE("a line without a slash at its start is said as it is") {
  for (const std::string_view line : {"", "hello", " /quit", "a /quit",
                                      "* ann has left", "ann: hello", " "}) {
    check(line, Verb::say, line);
  }
}

TEST_CASE("two slashes say one") {
  check("//quit", Verb::say, "/quit");
  check("//", Verb::say, "/");
  check("///", Verb::say, "//");
}

TEST_CASE("a command is a word and a rest without the blanks around it") {
  check("/nick ann", Verb::nick, "ann");
  check("/nick   ann  ", Verb::nick, "ann");
  check("/nick", Verb::nick, "");
  check("/nick ", Verb::nick, "");
  check("/nick a b", Verb::nick, "a b");
  check("/join kitchen", Verb::join, "kitchen");
  check("/who", Verb::who, "");
  check("/who  is that", Verb::who, "is that");
  check("/quit", Verb::quit, "");
  check("/quit now", Verb::quit, "now");
}

TEST_CASE("any other word is unknown, and is named") {
  check("/", Verb::unknown, "/");
  check("/ nick ann", Verb::unknown, "/");
  check("/nickname ann", Verb::unknown, "/nickname");
  check("/QUIT", Verb::unknown, "/QUIT");
  check("/me waves", Verb::unknown, "/me");
  check("/quit\nnow", Verb::unknown, "/quit\nnow");
}

TEST_CASE("a name has 1 to 16 letters, digits, - or _") {
  for (const std::string_view name :
       {"a", "Z", "0", "-", "_", "ann-marie_2", "abcdefghijklmnop"}) {
    CAPTURE(name);
    CHECK(is_name(name));
  }
  for (const std::string_view name :
       {"", "abcdefghijklmnopq", "a b", " a", "ann:", "*", "a.b", "a/b", "a\n",
        "\x1b[2J", "\xc3\xa4rger", "\xd0\xb0nn", "@", "[", "`", "{", "/",
        ":"}) {
    CAPTURE(name);
    CHECK_FALSE(is_name(name));
  }
  CHECK_FALSE(is_name(std::string_view("a\0b", 3)));
}

TEST_CASE("every byte is in a name or not, as the rule says") {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool allowed = (byte >= 'a' && byte <= 'z') ||
                         (byte >= 'A' && byte <= 'Z') ||
                         (byte >= '0' && byte <= '9') || c == '-' || c == '_';
    CAPTURE(byte);
    CHECK(is_name(std::string(1, c)) == allowed);
  }
}

TEST_CASE("names are compared without regard to case") {
  CHECK(is_same("ann", "ANN"));
  CHECK(is_same("aNN-1_", "Ann-1_"));
  CHECK_FALSE(is_same("ann", "anna"));
  CHECK_FALSE(is_same("anna", "ann"));
  CHECK_FALSE(is_same("ann", "ann-"));
  // 32 is what parts the cases of a letter, and these are no letters.
  CHECK_FALSE(is_same("-", "\r"));
  CHECK_FALSE(is_same("_", "\x7f"));
  CHECK_FALSE(is_same("@", "`"));
  CHECK_FALSE(is_same("[", "{"));
}

TEST_CASE("the names that newcomers get are reserved") {
  for (const std::string_view name :
       {"guest-1", "guest-", "GUEST-7", "Guest-of-ann", "guest-99999"}) {
    CAPTURE(name);
    CHECK(is_reserved(name));
  }
  for (const std::string_view name :
       {"guest", "guests", "guest_1", "a-guest-1", ""}) {
    CAPTURE(name);
    CHECK_FALSE(is_reserved(name));
  }
}
