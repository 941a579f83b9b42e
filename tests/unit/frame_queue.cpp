// FrameQueue on a real socket, and its memory. What it does with each answer
// that writev(2) may give is tested in tests/fake.

#include "common/frame_queue.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <utility>
#include <vector>

#include "tests/contract/socket_pair.hpp"
#include "tests/unit/memory.hpp"

using tick::Frame;
using tick::FrameQueue;
using tick::Registration;
using tick::SendStatus;

TEST_CASE("a queue that runs empty gives a burst's memory back") {
  auto pair = SocketPair::local();
  const tick::Socket socket(std::move(pair.ours));
  const Frame frame(std::vector<std::byte>(1));
  Registration registration;
  FrameQueue queue(1 << 20);
  memory::reset();
  for (int n = 0; n < 100; ++n) REQUIRE(queue.push(frame));
  CHECK(queue.write(socket, registration, {}) == SendStatus::done);
  CHECK(queue.empty());
  CHECK(memory::now().live == 0);
}
