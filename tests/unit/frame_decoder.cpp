#include "common/frame_decoder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/unit/memory.hpp"

using tick::Decoded;
using tick::DecodeStatus;
using tick::Frame;
using tick::FrameDecoder;
using tick::kFrameHeader;

namespace {

using Bytes = std::vector<std::byte>;
constexpr std::size_t kMaxFrame = 1 << 20;

// Recognizable, and different for each size.
Bytes payload_of(std::size_t size) {
  Bytes payload(size);
  for (std::size_t i = 0; i < size; ++i) {
    payload[i] = static_cast<std::byte>(i * 7 + size);
  }
  return payload;
}

void append(Bytes& stream, std::span<const std::byte> bytes) {
  stream.insert(stream.end(), bytes.begin(), bytes.end());
}

Bytes stream_of(const std::vector<std::size_t>& sizes) {
  Bytes stream;
  for (const std::size_t size : sizes) {
    append(stream, Frame(payload_of(size)).wire());
  }
  return stream;
}

// A decoder, and what has come out of it.
struct Reader {
  FrameDecoder decoder{kMaxFrame};
  Bytes scratch = Bytes(64);
  std::vector<Bytes> payloads = {};
  bool too_large = false;

  // One read of `bytes`, or as many as it takes when they do not fit at once.
  void read(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto space = decoder.prepare(scratch);
      const std::size_t n = std::min(space.size(), bytes.size());
      REQUIRE(n > 0);
      std::copy_n(bytes.begin(), n, space.begin());
      bytes = bytes.subspan(n);
      decoder.commit(n);
      take();
    }
  }

  void take() {
    for (;;) {
      const Decoded got = decoder.next();
      if (got.status != DecodeStatus::frame) {
        too_large = got.status == DecodeStatus::too_large;
        return;
      }
      const auto wire = got.frame.wire();
      CHECK(tick::decode_length(wire.first<kFrameHeader>()) ==
            got.frame.payload().size());
      const auto payload = got.frame.payload();
      payloads.emplace_back(payload.begin(), payload.end());
    }
  }
};

void check_payloads(const Reader& reader,
                    const std::vector<std::size_t>& sizes) {
  REQUIRE(reader.payloads.size() == sizes.size());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    CHECK(reader.payloads[i] == payload_of(sizes[i]));
  }
  CHECK(reader.decoder.at_boundary());
  CHECK_FALSE(reader.too_large);
}

}  // namespace

TEST_CASE("the worked example of docs/wire-format.adoc is three frames") {
  std::ifstream file("docs/wire-format.hex");
  Reader reader;
  Bytes stream;
  for (std::string line; std::getline(file, line);) {
    std::istringstream digits(line.substr(0, line.find('|')));
    digits >> std::hex;
    const std::vector<int> values{std::istream_iterator<int>(digits), {}};
    for (const int value : values) stream.push_back(std::byte(value));
  }
  REQUIRE_FALSE(stream.empty());
  reader.read(stream);
  std::vector<std::string> texts;
  for (const Bytes& payload : reader.payloads) {
    texts.emplace_back(reinterpret_cast<const char*>(payload.data()),
                       payload.size());
  }
  CHECK(texts == std::vector<std::string>{"hello", "", "hi"});
  CHECK(reader.decoder.at_boundary());
}

TEST_CASE("every split of a short stream gives the same frames") {
  // 22 bytes, so 21 places to cut or not: all 2,097,152 ways.
  const Bytes stream = stream_of({1, 5});  // 8 + 1 + 8 + 5
  REQUIRE(stream.size() == 22);
  std::size_t wrong = 0;
  std::array<std::byte, 64> scratch;
  for (std::uint32_t cuts = 0; cuts < 1u << 21; ++cuts) {
    FrameDecoder decoder(kMaxFrame);
    std::size_t at = 0;
    std::size_t frames = 0;
    bool right = true;
    while (at < stream.size()) {
      const std::size_t n =
          1 + static_cast<std::size_t>(std::countr_zero(
                  static_cast<std::uint32_t>(cuts >> at | 1u << (21 - at))));
      const auto space = decoder.prepare(scratch);
      std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(at), n,
                  space.begin());
      at += n;
      decoder.commit(n);
      for (Decoded got = decoder.next(); got.status == DecodeStatus::frame;
           got = decoder.next()) {
        const std::size_t begin = frames++ == 0 ? 0 : 9;
        right = right && std::ranges::equal(got.frame.wire(),
                                            std::span(stream).subspan(
                                                begin, begin == 0 ? 9 : 13));
      }
    }
    if (!right || frames != 2 || !decoder.at_boundary()) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("every two cuts in a stream with empty frames give the same frames") {
  const std::vector<std::size_t> sizes = {0, 3, 0, 0, 17, 1, 0};
  const Bytes stream = stream_of(sizes);
  const std::span<const std::byte> all(stream);
  for (std::size_t first = 0; first <= all.size(); ++first) {
    for (std::size_t second = first; second <= all.size(); ++second) {
      CAPTURE(first);
      CAPTURE(second);
      Reader reader;
      reader.read(all.first(first));
      reader.read(all.subspan(first, second - first));
      reader.read(all.subspan(second));
      check_payloads(reader, sizes);
    }
  }
}

TEST_CASE("every size of read, and every size of what is lent for it") {
  const std::vector<std::size_t> sizes = {0, 1, 40, 7, 200, 8, 0, 2100, 9};
  const Bytes stream = stream_of(sizes);
  for (std::size_t scratch = 1; scratch <= 40; ++scratch) {
    for (std::size_t piece = 1; piece <= 60; ++piece) {
      CAPTURE(scratch);
      CAPTURE(piece);
      Reader reader{.scratch = Bytes(scratch)};
      for (std::size_t at = 0; at < stream.size(); at += piece) {
        reader.read(
            std::span(stream).subspan(at, std::min(piece, stream.size() - at)));
      }
      check_payloads(reader, sizes);
    }
  }
}

TEST_CASE("frames around the sizes where something changes") {
  constexpr std::size_t kScratch = 16 * 1024;
  std::vector<std::size_t> sizes;
  for (const std::size_t size :
       {FrameDecoder::kFirstPiece, kScratch, 2 * kScratch, 4 * kScratch}) {
    for (std::size_t n = size - 10; n <= size + 10; ++n) sizes.push_back(n);
  }
  const Bytes stream = stream_of(sizes);
  for (const std::size_t piece : {std::size_t{1000}, kScratch - 1, kScratch,
                                  kScratch + 1, stream.size()}) {
    CAPTURE(piece);
    Reader reader{.scratch = Bytes(kScratch)};
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      reader.read(
          std::span(stream).subspan(at, std::min(piece, stream.size() - at)));
    }
    check_payloads(reader, sizes);
  }
}

TEST_CASE("a length above the limit is too large, at it is not") {
  constexpr std::uint64_t kTop = ~std::uint64_t{0};
  for (const std::uint64_t length :
       {std::uint64_t{kMaxFrame} + 1, std::uint64_t{1} << 32,
        std::uint64_t{1} << 63, kTop - 8, kTop - 7, kTop - 6, kTop}) {
    CAPTURE(length);
    Reader reader;
    Bytes stream = stream_of({3, 0});
    append(stream, tick::encode_length(length));
    append(stream, payload_of(20));
    memory::reset();
    reader.read(stream);
    CHECK(reader.payloads == std::vector<Bytes>{payload_of(3), {}});
    CHECK(reader.too_large);
    CHECK_FALSE(reader.decoder.at_boundary());
    CHECK(reader.decoder.next().status == DecodeStatus::too_large);
    if (memory::counts()) CHECK(memory::now().peak < 4096);
  }
  Reader reader{.scratch = Bytes(16 * 1024)};
  reader.read(stream_of({kMaxFrame, 1}));
  check_payloads(reader, {kMaxFrame, 1});
}

TEST_CASE("a limit of nothing lets empty frames through, and no others") {
  Reader reader{.decoder = FrameDecoder(0)};
  reader.read(stream_of({0, 0}));
  CHECK(reader.payloads.size() == 2);
  reader.read(stream_of({1}));
  CHECK(reader.too_large);
}

TEST_CASE("a limit that is no limit still leaves room for the header") {
  Reader reader{.decoder = FrameDecoder(~std::size_t{0})};
  reader.read(tick::encode_length(~std::uint64_t{0} - 7));
  CHECK(reader.too_large);
}

TEST_CASE("a stream is at a boundary between frames, and nowhere else") {
  const Bytes stream = stream_of({3, 0, 2});
  const std::vector<std::size_t> boundaries = {0, 11, 19, 29};
  Reader reader;
  for (std::size_t at = 0; at < stream.size(); ++at) {
    CAPTURE(at);
    CHECK(reader.decoder.at_boundary() ==
          (std::ranges::count(boundaries, at) > 0));
    reader.read(std::span(stream).subspan(at, 1));
  }
  CHECK(reader.decoder.at_boundary());
}

TEST_CASE("memory follows the bytes that have come, not those promised") {
  if (!memory::counts()) return;
  for (const std::size_t scratch : {std::size_t{64}, std::size_t{16 * 1024}}) {
    for (const std::size_t piece : {std::size_t{1}, scratch}) {
      CAPTURE(scratch);
      CAPTURE(piece);
      const Bytes zeros(piece);
      Reader reader{.scratch = Bytes(scratch)};
      memory::reset();
      reader.read(tick::encode_length(kMaxFrame));
      std::size_t come = kFrameHeader;
      std::size_t too_much = 0;
      while (come < (piece == 1 ? 20'000 : kMaxFrame)) {
        reader.read(zeros);
        come += piece;
        // Twice what has come, or the first piece; and what a grown block and
        // shared_ptr's counts take beside.
        const std::size_t most = std::max(
            FrameDecoder::kFirstPiece + kFrameHeader, 2 * come + scratch);
        if (memory::now().live > most + 64) ++too_much;
      }
      CHECK(too_much == 0);
    }
  }
}

TEST_CASE("a decoder between frames holds no memory") {
  if (!memory::counts()) return;
  FrameDecoder decoder(kMaxFrame);
  Bytes scratch(16 * 1024);
  const Bytes stream = stream_of({10'000});
  memory::reset();
  const auto space = decoder.prepare(scratch);
  std::ranges::copy(stream, space.begin());
  decoder.commit(stream.size());
  CHECK(decoder.next().status == DecodeStatus::frame);  // and let go at once
  CHECK(decoder.next().status == DecodeStatus::incomplete);
  CHECK(memory::now().live == 0);
}

TEST_CASE("a message costs one allocation, which is the frame") {
  if (!memory::counts()) return;
  FrameDecoder decoder(kMaxFrame);
  Bytes scratch(16 * 1024);
  const Bytes stream = stream_of(std::vector<std::size_t>(100, 64));
  std::size_t frames = 0;
  memory::reset();
  const auto space = decoder.prepare(scratch);
  std::ranges::copy(stream, space.begin());
  decoder.commit(stream.size());
  while (decoder.next().status == DecodeStatus::frame) ++frames;
  CHECK(frames == 100);
  CHECK(memory::now().allocations == 100);
}

TEST_CASE("a large frame is read to its place, in pieces that grow") {
  FrameDecoder decoder(kMaxFrame);
  Bytes scratch(1024);
  const auto frame = Frame(payload_of(kMaxFrame));
  auto rest = frame.wire();
  std::size_t in_place = 0;
  std::size_t reads = 0;
  Decoded got;
  while (!rest.empty()) {
    const auto space = decoder.prepare(scratch);
    REQUIRE_FALSE(space.empty());
    if (space.data() != scratch.data()) in_place += space.size();
    const std::size_t n = std::min(space.size(), rest.size());
    std::copy_n(rest.begin(), n, space.begin());
    rest = rest.subspan(n);
    decoder.commit(n);
    got = decoder.next();
    ++reads;
  }
  REQUIRE(got.status == DecodeStatus::frame);
  CHECK(std::ranges::equal(got.frame.wire(), frame.wire()));
  CHECK(in_place > kMaxFrame - 4 * scratch.size());
  CHECK(reads < 20);
}

TEST_CASE("what is not the frame's is not read to its place") {
  // Two frames: the read that ends the first must also bring the second.
  Reader reader{.scratch = Bytes(1024)};
  const std::vector<std::size_t> sizes = {5000, 3};
  reader.read(stream_of(sizes));
  check_payloads(reader, sizes);
}

TEST_CASE("more than was prepared is a bug") {
  FrameDecoder decoder(kMaxFrame);
  Bytes scratch(10);
  CHECK(decoder.prepare(scratch).size() == 10);
  CHECK_THROWS_AS(decoder.commit(11), std::out_of_range);
  decoder.commit(10);
  while (decoder.next().status == DecodeStatus::frame) continue;
  CHECK_THROWS_AS(decoder.commit(1), std::out_of_range);
}

TEST_CASE("without memory the decoder throws and leaks nothing") {
  if (!memory::counts()) return;
  const Bytes stream = stream_of({10, 5000, 100'000});
  int failures = 0;
  for (int k = 0;; ++k) {
    CAPTURE(k);
    Bytes scratch(1024);
    std::span<const std::byte> rest(stream);
    memory::reset();
    bool thrown = false;
    {
      FrameDecoder decoder(kMaxFrame);
      memory::fail_after(k);
      try {
        while (!rest.empty()) {
          const auto space = decoder.prepare(scratch);
          const std::size_t n = std::min(space.size(), rest.size());
          std::copy_n(rest.begin(), n, space.begin());
          rest = rest.subspan(n);
          decoder.commit(n);
          while (decoder.next().status == DecodeStatus::frame) continue;
        }
      } catch (const std::bad_alloc&) {
        thrown = true;
      }
      memory::fail_after(-1);
    }
    CHECK(memory::now().live == 0);
    if (!thrown) break;
    ++failures;
  }
  CHECK(failures >= 8);
}
