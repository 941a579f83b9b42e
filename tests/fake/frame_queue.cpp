// FrameQueue in front of a scripted writev(2): what it hands to the kernel,
// and what it keeps, however much the kernel takes.

#include "common/frame_queue.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/sys.hpp"

using tick::Frame;
using tick::FrameQueue;
using tick::Registration;
using tick::SendStatus;

namespace {

constexpr std::size_t kNoLimit = ~std::size_t{0};
const tick::Socket kSocket{tick::FileDescriptor(1'000'001)};

void script(std::initializer_list<fake::Answer> answers) {
  fake::script = answers;
  fake::calls = 0;
  fake::parts.clear();
  fake::written.clear();
}

Frame frame_of(std::size_t payload, std::size_t seed = 0) {
  std::vector<std::byte> bytes(payload);
  for (std::size_t i = 0; i < payload; ++i) {
    bytes[i] = static_cast<std::byte>(i + payload + seed);
  }
  return Frame(bytes);
}

std::vector<Frame> frames_of(std::initializer_list<std::size_t> payloads) {
  std::vector<Frame> frames;
  for (const std::size_t size : payloads) frames.push_back(frame_of(size));
  return frames;
}

std::vector<std::byte> wire_of(std::span<const Frame> frames) {
  std::vector<std::byte> wire;
  for (const Frame& frame : frames) {
    wire.insert(wire.end(), frame.wire().begin(), frame.wire().end());
  }
  return wire;
}

// Room again, as the poller tells it.
void tell_writable(Registration& registration) {
  registration.heard({.token = {}, .writable = true});
}

}  // namespace

TEST_CASE("several frames leave in one call, and nothing is kept") {
  const auto frames = frames_of({600, 700, 800});
  const auto wire = wire_of(frames);
  FrameQueue queue(0);
  Registration registration;
  script({{static_cast<ssize_t>(wire.size())}});
  CHECK(queue.write(kSocket, registration, frames) == SendStatus::done);
  CHECK(fake::parts == std::vector<int>{3});
  CHECK(fake::written == wire);
  CHECK(queue.empty());
}

TEST_CASE(
    "short frames lie side by side, and long ones are parts of their own") {
  constexpr std::size_t kLongest = FrameQueue::kShort - tick::kFrameHeader;
  const std::vector<std::pair<std::vector<Frame>, int>> cases = {
      {frames_of({5, 0, kLongest}), 1},
      {frames_of({5, kLongest + 1, 0, 7}), 3},
      {frames_of({kLongest + 1, 5, kLongest + 2}), 3},
  };
  for (const auto& [frames, parts] : cases) {
    const auto wire = wire_of(frames);
    FrameQueue queue(0);
    Registration registration;
    script({{static_cast<ssize_t>(wire.size())}});
    CHECK(queue.write(kSocket, registration, frames) == SendStatus::done);
    CHECK(fake::parts == std::vector<int>{parts});
    CHECK(fake::written == wire);
    CHECK(queue.empty());
  }
}

TEST_CASE("a write that stops at any byte goes on at the next") {
  const auto frames = frames_of({5, 0, 1, 30});
  const auto wire = wire_of(frames);
  for (std::size_t first = 0; first <= wire.size(); ++first) {
    for (std::size_t second = first; second <= wire.size(); ++second) {
      CAPTURE(first);
      CAPTURE(second);
      FrameQueue queue(kNoLimit);
      Registration registration;
      const auto a = static_cast<ssize_t>(first);
      const auto b = static_cast<ssize_t>(second) - a;
      const auto c = static_cast<ssize_t>(wire.size()) - a - b;
      script({a == 0 ? fake::Answer{-1, EAGAIN} : fake::Answer{a}});
      REQUIRE(queue.write(kSocket, registration, frames) == SendStatus::done);
      CHECK(queue.empty() == (first == wire.size()));
      if (queue.empty()) continue;
      CHECK_FALSE(registration.writable());
      tell_writable(registration);
      script({b == 0 ? fake::Answer{-1, EAGAIN} : fake::Answer{b}});
      fake::written.assign(wire.begin(), wire.begin() + a);
      REQUIRE(queue.write(kSocket, registration, {}) == SendStatus::done);
      if (!queue.empty()) {
        tell_writable(registration);
        fake::script = {{c}};
        REQUIRE(queue.write(kSocket, registration, {}) == SendStatus::done);
      }
      CHECK(queue.empty());
      CHECK(fake::written == wire);
    }
  }
}

TEST_CASE("what waits and the news leave in one call, in their order") {
  const auto frames = frames_of({600, 601, 602, 603});
  const auto wire = wire_of(frames);
  const std::span<const Frame> all(frames);
  FrameQueue queue(kNoLimit);
  Registration registration;
  script({{10}, {static_cast<ssize_t>(wire.size()) - 10}});
  REQUIRE(queue.write(kSocket, registration, all.first(2)) == SendStatus::done);
  tell_writable(registration);
  REQUIRE(queue.write(kSocket, registration, all.last(2)) == SendStatus::done);
  CHECK(fake::parts == std::vector<int>{2, 4});
  CHECK(fake::written == wire);
  CHECK(queue.empty());
}

TEST_CASE("a send buffer that is known to be full is not asked") {
  const auto frames = frames_of({1});
  FrameQueue queue(kNoLimit);
  Registration registration;
  script({{-1, EAGAIN}});
  REQUIRE(queue.write(kSocket, registration, frames) == SendStatus::done);
  REQUIRE(queue.write(kSocket, registration, frames) == SendStatus::done);
  CHECK(fake::calls == 1);
  CHECK(queue.bytes() == 2 * FrameQueue::kLeastCost);
}

TEST_CASE("no news and nothing waiting is no call") {
  FrameQueue queue(0);
  Registration registration;
  script({});
  CHECK(queue.write(kSocket, registration, {}) == SendStatus::done);
  CHECK(fake::calls == 0);
}

TEST_CASE("more parts than a call may be given leave in several") {
  const std::vector<Frame> frames(2 * FrameQueue::kMostParts + 1,
                                  frame_of(FrameQueue::kShort));
  const auto wire = wire_of(frames);
  const auto one = static_cast<ssize_t>(frames[0].wire().size());
  constexpr auto kMost = static_cast<ssize_t>(FrameQueue::kMostParts);
  FrameQueue queue(0);  // for nothing has to wait
  Registration registration;
  script({{one * kMost}, {one * kMost}, {one}});
  CHECK(queue.write(kSocket, registration, frames) == SendStatus::done);
  CHECK(fake::parts == std::vector<int>{256, 256, 1});
  CHECK(fake::written == wire);
  CHECK(queue.empty());
}

TEST_CASE("more short frames than are copied for a call leave in several") {
  constexpr std::size_t kFit = FrameQueue::kMostCopied / 8;
  const std::vector<Frame> frames(2 * kFit + 1, frame_of(0));
  const auto wire = wire_of(frames);
  constexpr auto kFull = static_cast<ssize_t>(FrameQueue::kMostCopied);
  FrameQueue queue(0);
  Registration registration;
  script({{kFull}, {kFull}, {8}});
  CHECK(queue.write(kSocket, registration, frames) == SendStatus::done);
  CHECK(fake::parts == std::vector<int>{1, 1, 1});
  CHECK(fake::written == wire);
  CHECK(queue.empty());
}

TEST_CASE("news never overtake what waits, whatever finds room in the call") {
  const std::vector<Frame> waiting(FrameQueue::kMostCopied / 8 + 1,
                                   frame_of(0));
  const auto news = frames_of({FrameQueue::kShort, 1});
  auto wire = wire_of(waiting);
  const auto after = wire_of(news);
  wire.insert(wire.end(), after.begin(), after.end());
  constexpr auto kFull = static_cast<ssize_t>(FrameQueue::kMostCopied);
  FrameQueue queue(kNoLimit);
  Registration registration;
  for (const Frame& frame : waiting) REQUIRE(queue.push(frame));
  script({{kFull}, {static_cast<ssize_t>(wire.size()) - kFull}});
  CHECK(queue.write(kSocket, registration, news) == SendStatus::done);
  CHECK(fake::written == wire);
  CHECK(queue.empty());
}

TEST_CASE("news that are laid out already are one part, behind what waits") {
  const auto waiting = frames_of({FrameQueue::kShort, 1});
  const auto news = frames_of({1, FrameQueue::kShort + 1, 0, 2000});
  const auto bytes = wire_of(news);
  auto wire = wire_of(waiting);
  wire.insert(wire.end(), bytes.begin(), bytes.end());
  FrameQueue queue(kNoLimit);
  Registration registration;
  script({{static_cast<ssize_t>(bytes.size())}});
  CHECK(queue.write(kSocket, registration, {news, bytes}) == SendStatus::done);
  CHECK(fake::parts == std::vector<int>{1});
  CHECK(fake::written == bytes);
  CHECK(queue.empty());
  for (const Frame& frame : waiting) REQUIRE(queue.push(frame));
  script({{static_cast<ssize_t>(wire.size())}});
  CHECK(queue.write(kSocket, registration, {news, bytes}) == SendStatus::done);
  CHECK(fake::parts == std::vector<int>{3});
  CHECK(fake::written == wire);
}

TEST_CASE("laid out or not, it goes on where the kernel stopped") {
  const auto news = frames_of({1, FrameQueue::kShort + 1, 0, 30});
  const auto bytes = wire_of(news);
  for (std::size_t taken = 0; taken <= bytes.size(); ++taken) {
    CAPTURE(taken);
    FrameQueue queue(kNoLimit);
    Registration registration;
    script({{static_cast<ssize_t>(taken)}});
    REQUIRE(queue.write(kSocket, registration, {news, bytes}) ==
            SendStatus::done);
    CHECK(queue.empty() == (taken == bytes.size()));
    tell_writable(registration);
    fake::script = {{static_cast<ssize_t>(bytes.size() - taken)}};
    REQUIRE(queue.write(kSocket, registration, {}) == SendStatus::done);
    CHECK(fake::written == bytes);
    CHECK(queue.empty());
  }
}

TEST_CASE("where many wait, the laid out news find room in a later call") {
  const std::vector<Frame> waiting(FrameQueue::kMostParts,
                                   frame_of(FrameQueue::kShort));
  const auto news = frames_of({1, 2, 3});
  const auto bytes = wire_of(news);
  const auto before = wire_of(waiting);
  auto wire = before;
  wire.insert(wire.end(), bytes.begin(), bytes.end());
  FrameQueue queue(kNoLimit);
  Registration registration;
  for (const Frame& frame : waiting) REQUIRE(queue.push(frame));
  script({{static_cast<ssize_t>(before.size())},
          {static_cast<ssize_t>(bytes.size())}});
  CHECK(queue.write(kSocket, registration, {news, bytes}) == SendStatus::done);
  CHECK(fake::parts == std::vector<int>{256, 1});
  CHECK(fake::written == wire);
  CHECK(queue.empty());
}

TEST_CASE("when the kernel takes less, the frames beyond a call wait too") {
  const std::vector<Frame> frames(2100, frame_of(0));
  const auto wire = wire_of(frames);
  FrameQueue queue(kNoLimit);
  Registration registration;
  script({{16'379}});  // five bytes less than a call has
  REQUIRE(queue.write(kSocket, registration, frames) == SendStatus::done);
  CHECK(queue.bytes() == (2100 - 2047) * FrameQueue::kLeastCost - 3);
  tell_writable(registration);
  fake::script = {{16'800 - 16'379}};
  REQUIRE(queue.write(kSocket, registration, {}) == SendStatus::done);
  CHECK(fake::calls == 2);
  CHECK(fake::written == wire);
}

TEST_CASE("one frame more than the limit may wait, and not two") {
  FrameQueue queue(100);
  CHECK(queue.push(frame_of(92)));  // 100 bytes, and that is no more than 100
  CHECK(queue.push(frame_of(93)));  // 201: the next one is too much
  CHECK_FALSE(queue.push(frame_of(0)));
  CHECK(queue.bytes() == 201);
  FrameQueue none(0);
  CHECK(none.push(frame_of(1'000'000)));  // of any size into an empty one
  CHECK_FALSE(none.push(frame_of(0)));
}

TEST_CASE("a short frame counts for more than it is, until it is gone") {
  FrameQueue queue(10 * FrameQueue::kLeastCost);
  for (int i = 0; i < 11; ++i) CHECK(queue.push(frame_of(0)));
  CHECK_FALSE(queue.push(frame_of(0)));
  Registration registration;
  script({{8 * 3}, {7}, {1}, {8 * 7}});
  REQUIRE(queue.write(kSocket, registration, {}) == SendStatus::done);
  CHECK(queue.bytes() == 8 * FrameQueue::kLeastCost);
  while (!queue.empty()) {
    tell_writable(registration);
    REQUIRE(queue.write(kSocket, registration, {}) == SendStatus::done);
  }
  CHECK(queue.bytes() == 0);
}

TEST_CASE("too much is said when the news find no room") {
  const std::vector<Frame> frames(3, frame_of(92));
  FrameQueue queue(150);
  Registration registration;
  script({{-1, EAGAIN}});
  CHECK(queue.write(kSocket, registration, frames) == SendStatus::too_much);
  FrameQueue other(150);
  Registration fresh;
  script({{100}});  // the first is gone: two wait
  CHECK(other.write(kSocket, fresh, frames) == SendStatus::done);
  CHECK(other.bytes() == 200);
}

TEST_CASE("what is written in this call does not count against the limit") {
  const std::vector<Frame> frames(20, frame_of(92));
  FrameQueue queue(0);
  Registration registration;
  script({{500}, {1500}});
  REQUIRE(queue.write(kSocket, registration, std::span(frames).first(6)) ==
          SendStatus::done);  // the sixth waits, and the limit is none
  tell_writable(registration);
  CHECK(queue.write(kSocket, registration, std::span(frames).first(14)) ==
        SendStatus::done);
  CHECK(queue.empty());
}

TEST_CASE("a peer that is gone is said to be") {
  const auto frames = frames_of({1, 2});
  for (const int error : {EPIPE, ECONNRESET, ETIMEDOUT, EHOSTUNREACH}) {
    FrameQueue queue(kNoLimit);
    Registration registration;
    script({{-1, error}});
    CHECK(queue.write(kSocket, registration, frames) == SendStatus::gone);
  }
}

TEST_CASE("a frame is let go with its last byte") {
  std::vector<std::weak_ptr<const std::byte[]>> watched;
  FrameQueue queue(kNoLimit);
  for (std::size_t i = 0; i < 3; ++i) {
    auto storage = std::make_shared<std::byte[]>(20);
    const auto header = tick::encode_length(12);
    std::ranges::copy(header, storage.get());
    watched.emplace_back(storage);
    REQUIRE(queue.push(Frame(std::move(storage), 20)));
  }
  const auto alive = [&] {
    return std::ranges::count_if(watched, [](auto& w) { return !w.expired(); });
  };
  Registration registration;
  for (const auto& [taken, left] :
       {std::pair{19, 3}, {1, 2}, {20, 1}, {20, 0}}) {
    script({{taken}});
    REQUIRE(queue.write(kSocket, registration, {}) == SendStatus::done);
    CHECK(alive() == left);
    tell_writable(registration);
  }
  CHECK(queue.empty());
}

TEST_CASE("a long queue keeps its order while it shrinks and grows") {
  FrameQueue queue(kNoLimit);
  Registration registration;
  std::vector<std::byte> expected;
  fake::written.clear();
  fake::script.clear();
  for (std::size_t n = 0; n < 1000; ++n) {
    const Frame frame = frame_of(n % 50, n);
    expected.insert(expected.end(), frame.wire().begin(), frame.wire().end());
    REQUIRE(queue.push(frame));
    if (n % 3 != 0) continue;
    tell_writable(registration);
    const std::size_t waiting = expected.size() - fake::written.size();
    fake::script = {{static_cast<ssize_t>(
        std::min<std::size_t>(waiting, 1 + n * 13 % 97))}};
    fake::script.push_back({-1, EAGAIN});
    REQUIRE(queue.write(kSocket, registration, {}) == SendStatus::done);
  }
  while (!queue.empty()) {
    tell_writable(registration);
    fake::script = {{static_cast<ssize_t>(
        std::min<std::size_t>(expected.size() - fake::written.size(), 4000))}};
    fake::script.push_back({-1, EAGAIN});
    REQUIRE(queue.write(kSocket, registration, {}) == SendStatus::done);
  }
  CHECK(fake::written == expected);
}
