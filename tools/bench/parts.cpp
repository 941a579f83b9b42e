// Ten frames in one writev(2): as ten parts, or copied side by side into one,
// or as one part that somebody has laid out before?
//
// Writes them over loopback and reads them again, in one thread, and tells the
// CPU time for all of it: the least of several rounds, in which the three take
// turns. FrameQueue::kShort comes from here; FrameBatch lays out.

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <exception>
#include <span>
#include <vector>

#include "common/endpoint.hpp"
#include "common/errors.hpp"
#include "common/file_descriptor.hpp"
#include "common/listener.hpp"
#include "common/socket.hpp"
#include "tools/bench/generator/machine.hpp"

namespace {

constexpr std::size_t kFrames = 10;
constexpr std::array<std::size_t, 5> kSizes = {72, 264, 520, 1032, 4104};
constexpr int kRounds = 100;
constexpr int kWrites = 500;  // in each round, of each kind

using Frames = std::vector<std::vector<std::byte>>;

// Bytes go in at one end and come out at the other.
class Pipe {
 public:
  Pipe() {
    const auto any = tick::Endpoint::resolve("127.0.0.1", 0);
    const tick::Listener listener(any);
    const tick::Endpoint end = listener.endpoint();
    in_ = tick::FileDescriptor(
        tick::check("socket", ::socket(end.family(), SOCK_STREAM, 0)));
    tick::check("connect", ::connect(in_.get(), end.address(), end.size()));
    out_ = listener.accept().socket;
  }

  void pass(std::span<const iovec> parts) {
    const ssize_t n =
        ::writev(in_.get(), parts.data(), static_cast<int>(parts.size()));
    auto left =
        static_cast<std::size_t>(tick::check("writev", static_cast<int>(n)));
    while (left > 0) left -= out_.read(buffer_).bytes;
  }

 private:
  tick::FileDescriptor in_;
  tick::Socket out_;
  std::array<std::byte, 64 * 1024> buffer_;
};

void as_parts(Pipe& pipe, Frames& frames) {
  std::array<iovec, kFrames> parts;
  std::ranges::transform(frames, parts.begin(), [](auto& frame) {
    return iovec{frame.data(), frame.size()};
  });
  pipe.pass(parts);
}

using Copies = std::array<std::byte, kFrames * kSizes.back()>;

void side_by_side(Pipe& pipe, Frames& frames) {
  Copies copies;
  std::size_t bytes = 0;
  for (const auto& frame : frames) {
    std::memcpy(copies.data() + bytes, frame.data(), frame.size());
    bytes += frame.size();
  }
  const std::array<iovec, 1> part = {iovec{copies.data(), bytes}};
  pipe.pass(part);
}

void laid_out(Pipe& pipe, Frames& frames) {
  static Copies copies;
  const std::array<iovec, 1> part = {
      iovec{copies.data(), kFrames * frames.front().size()}};
  pipe.pass(part);
}

// Microseconds for one write and what it takes to read it.
template <class Write>
double measure(Write write, Pipe& pipe, Frames& frames) {
  const double begin = bench::cpu_seconds();
  for (int n = 0; n < kWrites; ++n) write(pipe, frames);
  return (bench::cpu_seconds() - begin) / kWrites * 1e6;
}

void compare(Pipe& pipe, std::size_t size) {
  Frames frames(kFrames, std::vector<std::byte>(size));
  double parts = measure(as_parts, pipe, frames);  // a round to warm up
  double copies = measure(side_by_side, pipe, frames);
  double one = measure(laid_out, pipe, frames);
  for (int round = 0; round < kRounds; ++round) {
    parts = std::min(parts, measure(as_parts, pipe, frames));
    copies = std::min(copies, measure(side_by_side, pipe, frames));
    one = std::min(one, measure(laid_out, pipe, frames));
  }
  fmt::print(
      "{:>5} bytes each: {:5.2f} us as {} parts, {:5.2f} us copied, {:5.2f} us "
      "as one\n",
      size, parts, kFrames, copies, one);
}

}  // namespace

int main() {
  try {
    Pipe pipe;
    for (const std::size_t size : kSizes) compare(pipe, size);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "parts: {}\n", error.what());
    return 1;
  }
}
