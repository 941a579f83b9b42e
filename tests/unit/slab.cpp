#include "common/slab.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <vector>

using tick::Slab;
using tick::Token;

namespace {

struct Counted {
  explicit Counted(int& count_of_live, int number = 0)
      : live(count_of_live), value(number) {
    if (number < 0) throw std::runtime_error("refused");
    ++live;
  }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --live; }
  int& live;
  int value;
};

// g++ 12 follows a capacity that it can see onto a path which full() rules out,
// and warns of a slot beyond the last (-Warray-bounds).
std::uint32_t slots(std::uint32_t count) {
  volatile std::uint32_t hidden = count;
  return hidden;
}

// 2^32 tenants take too long. An explicit instantiation may name a private
// member, so this reaches a slot's count without changing the header for it.
std::uint32_t& generation_of(Slab<int>& slab, std::uint32_t slot);
template <auto Slots>
struct Opened {
  friend std::uint32_t& generation_of(Slab<int>& slab, std::uint32_t slot) {
    return (slab.*Slots)[slot].generation;
  }
};
template struct Opened<&Slab<int>::slots_>;

}  // namespace

TEST_CASE("a token finds its element and no other") {
  Slab<int> slab(slots(3));
  const Token a = slab.emplace(10).value();
  const Token b = slab.emplace(20).value();
  CHECK(*slab.get(a) == 10);
  CHECK(*slab.get(b) == 20);
  CHECK(a.generation == 1);
  CHECK(slab.get({2, 1}) == nullptr);  // a slot that never had a tenant
  CHECK(slab.get({3, 1}) == nullptr);  // no slot at all
  CHECK(slab.get({UINT32_MAX, 1}) == nullptr);
  CHECK(slab.get(tick::fixed_token(0)) == nullptr);
}

TEST_CASE("a stale token finds nothing, before and after its slot is let") {
  Slab<int> slab(slots(1));
  const Token old = slab.emplace(1).value();
  CHECK(slab.erase(old));
  CHECK(slab.get(old) == nullptr);
  const Token fresh = slab.emplace(2).value();
  CHECK(fresh.slot == old.slot);
  CHECK(fresh.generation == old.generation + 1);
  CHECK(slab.get(old) == nullptr);
  CHECK(*slab.get(fresh) == 2);
}

TEST_CASE("erasing twice is harmless, also with a new tenant") {
  int live = 0;
  Slab<Counted> slab(slots(2));
  const Token old = slab.emplace(live).value();
  CHECK(slab.erase(old));
  CHECK_FALSE(slab.erase(old));
  CHECK(live == 0);
  const Token fresh = slab.emplace(live).value();
  CHECK_FALSE(slab.erase(old));
  CHECK(live == 1);
  CHECK(slab.size() == 1);
  CHECK(slab.get(fresh) != nullptr);
}

TEST_CASE("a full slab refuses and never grows") {
  Slab<int> slab(slots(2));
  CHECK(slab.empty());
  const Token a = slab.emplace(1).value();
  CHECK(slab.emplace(2).has_value());
  CHECK(slab.full());
  CHECK_FALSE(slab.emplace(3).has_value());
  CHECK(slab.size() == 2);
  CHECK(slab.capacity() == 2);
  CHECK(slab.erase(a));
  CHECK_FALSE(slab.full());
  CHECK(slab.emplace(3).has_value());
  Slab<int> none(slots(0));
  CHECK_FALSE(none.emplace(1).has_value());
}

TEST_CASE("elements never move") {
  Slab<int> slab(slots(1000));
  std::vector<std::pair<Token, int*>> made;
  for (int i = 0; i < 1000; ++i) {
    const Token token = slab.emplace(i).value();
    made.emplace_back(token, slab.get(token));
  }
  for (std::size_t i = 0; i < 1000; i += 2) slab.erase(made[i].first);
  while (slab.emplace(-1)) {
  }
  for (std::size_t i = 1; i < 1000; i += 2) {
    CHECK(slab.get(made[i].first) == made[i].second);
    CHECK(*made[i].second == static_cast<int>(i));
  }
}

TEST_CASE("the slot that was freed last is used first") {
  Slab<int> slab(slots(4));
  std::vector<Token> tokens;
  for (int i = 0; i < 4; ++i) tokens.push_back(slab.emplace(i).value());
  for (const std::size_t i : {1U, 3U, 0U}) slab.erase(tokens[i]);
  CHECK(slab.emplace(0)->slot == 0);
  CHECK(slab.emplace(0)->slot == 3);
  CHECK(slab.emplace(0)->slot == 1);
}

TEST_CASE("iteration visits what lives, in order, and may erase it") {
  Slab<int> slab(slots(6));
  std::vector<Token> tokens;
  for (int i = 0; i < 6; ++i) tokens.push_back(slab.emplace(i).value());
  slab.erase(tokens[0]);
  slab.erase(tokens[5]);
  std::vector<int> seen;
  for (auto it = slab.begin(); it != slab.end(); ++it) {
    CHECK(slab.get(it.token()) == &*it);
    seen.push_back(*it);
    if (*it == 2) slab.erase(tokens[3]);  // the next one
    if (*it % 2 == 0) slab.erase(it.token());
  }
  CHECK(seen == std::vector<int>{1, 2, 4});
  CHECK(slab.size() == 1);
  slab.erase(tokens[1]);
  CHECK(slab.begin() == slab.end());
}

TEST_CASE("a slab that ends destroys every element once") {
  int live = 0;
  {
    Slab<Counted> slab(slots(5));
    std::vector<Token> tokens;
    for (int i = 0; i < 4; ++i) tokens.push_back(slab.emplace(live).value());
    slab.erase(tokens[1]);
    CHECK(live == 3);
  }
  CHECK(live == 0);
}

TEST_CASE("a constructor that throws leaves the slab as it was") {
  int live = 0;
  Slab<Counted> slab(slots(2));
  CHECK_THROWS_AS(static_cast<void>(slab.emplace(live, -1)),
                  std::runtime_error);
  CHECK(slab.empty());
  CHECK(slab.begin() == slab.end());
  const Token first = slab.emplace(live).value();
  CHECK(first == Token{0, 1});
  slab.erase(first);
  CHECK_THROWS_AS(static_cast<void>(slab.emplace(live, -1)),
                  std::runtime_error);  // now in a slot that was used before
  CHECK(slab.empty());
  CHECK(slab.emplace(live).value() == Token{0, 2});
  CHECK(slab.emplace(live).value() == Token{1, 1});
  CHECK(slab.full());
}

TEST_CASE("elements need not be copied or moved") {
  Slab<std::unique_ptr<int>> slab(slots(1));
  const Token token = slab.emplace(std::make_unique<int>(7)).value();
  CHECK(**slab.get(token) == 7);
}

TEST_CASE("the count of tenants wraps past 0, which is a fixed token's") {
  Slab<int> slab(slots(1));
  static_cast<void>(slab.emplace(1));
  generation_of(slab, 0) = UINT32_MAX;
  CHECK(slab.erase({0, UINT32_MAX}));
  CHECK(slab.emplace(2).value() == Token{0, 1});
}

#ifdef TICK_ASAN
TEST_CASE("whoever uses an erased element is found out") {
  Slab<Counted> slab(slots(2));
  int live = 0;
  const Token token = slab.emplace(live, 7).value();
  Counted* const kept = slab.get(token);
  CHECK_FALSE(__asan_address_is_poisoned(&kept->value));
  slab.erase(token);
  CHECK(__asan_address_is_poisoned(&kept->value));
  static_cast<void>(slab.emplace(live, 8));
  CHECK(kept->value == 8);  // the same slot, and in use again
}
#endif
