#include "common/byte_buffer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <random>
#include <stdexcept>
#include <vector>

#include "tests/unit/memory.hpp"

using tick::ByteBuffer;

namespace {

std::vector<std::byte> bytes(std::size_t count, unsigned first = 0) {
  std::vector<std::byte> made(count);
  for (std::byte& b : made) b = static_cast<std::byte>(first++);
  return made;
}

}  // namespace

TEST_CASE("what was committed comes out in order") {
  ByteBuffer buffer(10);
  const auto room = buffer.prepare(4);
  REQUIRE(room.size() == 4);
  std::ranges::copy(bytes(4, 'a'), room.begin());
  CHECK(buffer.empty());  // prepared is not yet there
  buffer.commit(3);
  CHECK(buffer.size() == 3);
  CHECK(buffer.data()[2] == std::byte{'c'});
  buffer.consume(2);
  CHECK(buffer.data().size() == 1);
  CHECK(buffer.data()[0] == std::byte{'c'});
  CHECK(buffer.room() == 9);
}

TEST_CASE("near the limit prepare gives less, and at it nothing") {
  ByteBuffer buffer(10);
  CHECK(buffer.append(bytes(7)));
  CHECK(buffer.prepare(4096).size() == 3);
  buffer.commit(3);
  CHECK(buffer.size() == buffer.limit());
  CHECK(buffer.prepare(1).empty());
  buffer.consume(1);
  CHECK(buffer.prepare(2).size() == 1);
  CHECK(buffer.prepare(0).empty());
  ByteBuffer none(0);
  CHECK(none.prepare(1).empty());
  CHECK_FALSE(none.append(bytes(1)));
}

TEST_CASE("committing more than was prepared throws and changes nothing") {
  ByteBuffer buffer(10);
  CHECK_THROWS_AS(buffer.commit(1), std::out_of_range);
  CHECK(buffer.prepare(4).size() == 4);
  CHECK_THROWS_AS(buffer.commit(5), std::out_of_range);
  buffer.commit(4);
  CHECK_THROWS_AS(buffer.commit(1), std::out_of_range);  // forgotten by now
  CHECK(buffer.size() == 4);
  CHECK(buffer.prepare(3).size() == 3);
  buffer.consume(1);
  CHECK_THROWS_AS(buffer.commit(3), std::out_of_range);
  CHECK(buffer.size() == 3);
}

TEST_CASE("consuming more than there is throws and changes nothing") {
  ByteBuffer buffer(10);
  CHECK(buffer.append(bytes(3)));
  CHECK_THROWS_AS(buffer.consume(4), std::out_of_range);
  CHECK(buffer.size() == 3);
}

TEST_CASE("append takes all or nothing") {
  ByteBuffer buffer(10);
  CHECK(buffer.append(bytes(6)));
  CHECK_FALSE(buffer.append(bytes(5)));
  CHECK(buffer.size() == 6);
  CHECK(buffer.append(bytes(4)));
  CHECK(buffer.append({}));
  CHECK_FALSE(buffer.append(bytes(1)));
  CHECK(buffer.size() == 10);
}

TEST_CASE("a buffer that runs empty gives a burst's memory back") {
  ByteBuffer buffer(1 << 20);
  CHECK(buffer.append(bytes(1 << 20)));
  buffer.consume((1 << 20) - 1);
  CHECK(buffer.size() == 1);
  buffer.consume(1);
  CHECK(buffer.capacity() == 0);
  CHECK(buffer.append(bytes(100)));
  buffer.consume(100);
  CHECK(buffer.empty());
}

TEST_CASE("what is given back is freed, and not only forgotten") {
  const auto burst = bytes(1 << 20);
  memory::reset();
  ByteBuffer buffer(burst.size());
  CHECK(buffer.append(burst));
  buffer.consume(burst.size());
  CHECK(memory::now().live == 0);
}

TEST_CASE("the limit of the bytes held is also the limit of the memory") {
  ByteBuffer buffer(1000);
  for (int round = 0; round < 100; ++round) {
    while (buffer.append(bytes(7))) {
      REQUIRE(buffer.capacity() <= 1000);
    }
    CHECK(buffer.size() >= 994);
    buffer.consume(501);
  }
}

// Against std::deque, which cannot be wrong about a queue. A failure prints
// the seed; TICK_SEED=… runs it again.
TEST_CASE("a random mix of calls does what a queue does") {
  const char* const chosen = std::getenv("TICK_SEED");
  const unsigned seed = chosen != nullptr
                            ? static_cast<unsigned>(std::atoll(chosen))
                            : std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto up_to = [&](std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most)(random);
  };
  for (const std::size_t limit : {1U, 13U, 5000U, 20000U}) {
    CAPTURE(limit);
    ByteBuffer buffer(limit);
    std::deque<std::byte> model;
    for (unsigned step = 0; step < 3000; ++step) {
      CAPTURE(step);
      const auto some = bytes(up_to(limit / 2 + 2), step);
      switch (up_to(2)) {
        case 0: {
          const auto room = buffer.prepare(some.size());
          REQUIRE(room.size() == std::min(some.size(), limit - model.size()));
          const std::size_t count = up_to(room.size());
          std::copy_n(some.begin(), count, room.begin());
          buffer.commit(count);
          model.insert(model.end(), some.begin(),
                       some.begin() + static_cast<std::ptrdiff_t>(count));
          break;
        }
        case 1: {
          const bool fits = some.size() <= limit - model.size();
          REQUIRE(buffer.append(some) == fits);
          if (fits) model.insert(model.end(), some.begin(), some.end());
          break;
        }
        case 2: {
          const std::size_t count =
              up_to(3) == 0 ? model.size() : up_to(model.size());
          buffer.consume(count);
          model.erase(model.begin(),
                      model.begin() + static_cast<std::ptrdiff_t>(count));
          break;
        }
      }
      REQUIRE(std::ranges::equal(buffer.data(), model));
      REQUIRE(buffer.size() == model.size());
      REQUIRE(buffer.room() == limit - model.size());
      REQUIRE(buffer.capacity() <= limit);
    }
  }
}
