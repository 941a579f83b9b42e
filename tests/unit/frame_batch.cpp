#include "common/frame_batch.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <vector>

using tick::Frame;
using tick::FrameBatch;
using tick::News;

namespace {

// A frame of so many bytes on the wire.
Frame frame_of(std::size_t wire) {
  return Frame(std::vector<std::byte>(wire - tick::kFrameHeader, std::byte{7}));
}

FrameBatch batch_of(std::initializer_list<std::size_t> wires) {
  FrameBatch batch;
  for (const std::size_t wire : wires) batch.push(frame_of(wire));
  return batch;
}

bool are_of(const std::span<const std::byte> bytes, const News& news) {
  std::vector<std::byte> wire;
  for (const Frame& frame : news.frames) {
    wire.insert(wire.end(), frame.wire().begin(), frame.wire().end());
  }
  return std::ranges::equal(bytes, wire);
}

}  // namespace

TEST_CASE("who gets all gets the bytes too, laid out once for everybody") {
  FrameBatch batch = batch_of({8, 100, 9});
  const News news = batch.news(0, 3);
  CHECK(news.frames.size() == 3);
  CHECK(news.bytes.size() == 117);
  CHECK(are_of(news.bytes, news));
  CHECK(batch.news(0, 3).bytes.data() == news.bytes.data());
}

TEST_CASE("who gets a part gets frames only") {
  FrameBatch batch = batch_of({8, 100, 9});
  REQUIRE(batch.news(0, 3).bytes.size() == 117);
  for (std::size_t first = 0; first <= 3; ++first) {
    for (std::size_t last = first; last <= 3; ++last) {
      const News news = batch.news(first, last);
      CHECK(news.frames.size() == last - first);
      CHECK(news.bytes.empty() == (last - first < 3));
    }
  }
}

TEST_CASE("one frame is not copied, nor is more than the limit") {
  CHECK(batch_of({100}).news(0, 1).bytes.empty());
  constexpr std::size_t kMost = FrameBatch::kMostSideBySide;
  FrameBatch full = batch_of({kMost - 8, 8});
  CHECK(full.news(0, 2).bytes.size() == kMost);
  FrameBatch more = batch_of({kMost - 8, 9});
  CHECK(more.news(0, 2).frames.size() == 2);
  CHECK(more.news(0, 2).bytes.empty());
}

TEST_CASE("what is said after somebody has asked is laid out with the rest") {
  FrameBatch batch = batch_of({20, 30});
  REQUIRE(batch.news(0, 2).bytes.size() == 50);
  batch.push(frame_of(9));
  const News news = batch.news(0, 3);
  CHECK(news.bytes.size() == 59);
  CHECK(are_of(news.bytes, news));
}

TEST_CASE("a batch that was cleared begins anew") {
  FrameBatch batch = batch_of({20, 30});
  REQUIRE(batch.news(0, 2).bytes.size() == 50);
  batch.clear();
  CHECK(batch.empty());
  CHECK(batch.news(0, 0).frames.empty());
  batch.push(frame_of(9));
  batch.push(frame_of(10));
  CHECK(batch.size() == 2);
  CHECK(are_of(batch.news(0, 2).bytes, batch.news(0, 2)));
}
