#include "common/token.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using tick::pack;
using tick::Token;
using tick::unpack;

TEST_CASE("a token comes back from the kernel's 64 bits as it went") {
  for (const std::uint32_t slot : {0U, 1U, 999U, 0x80000000U, UINT32_MAX}) {
    for (const std::uint32_t generation : {0U, 1U, 0x80000000U, UINT32_MAX}) {
      CHECK(unpack(pack({slot, generation})) == Token{slot, generation});
    }
  }
  CHECK(pack({0x01234567, 0x89abcdef}) == 0x89abcdef01234567U);
}

TEST_CASE("slot and generation are not mistaken for each other") {
  CHECK(pack({1, 2}) != pack({2, 1}));
  CHECK_FALSE(Token{1, 2} == Token{1, 3});
  CHECK_FALSE(Token{1, 2} == Token{0, 2});
}

TEST_CASE("fixed tokens have generation 0, and listener and waker differ") {
  CHECK(tick::fixed_token(5) == Token{5, 0});
  CHECK(tick::kListener.generation == 0);
  CHECK(tick::kWaker.generation == 0);
  CHECK_FALSE(tick::kListener == tick::kWaker);
}
