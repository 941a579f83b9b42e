// Pattern: an endless stream of bytes that tells each place from its
// neighbours, so that a byte lost, doubled, changed or moved is noticed.
//
// Random bytes that repeat after a prime number of them: messages of any
// ordinary size never begin at the same place twice in a row. The stream lies
// in memory, so it is sent from where it lies, and compared with memcmp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bench {

class Pattern {
 public:
  struct Shape {
    std::size_t period;  // a prime
    std::size_t piece;   // at() gives at least so many
    unsigned first = 0;  // the bytes are first … first + values - 1
    unsigned values = 256;
  };

  explicit Pattern(Shape shape);

  // The bytes from `position` on, as many as lie in one piece.
  [[nodiscard]] std::span<const std::byte> at(
      std::uint64_t position) const noexcept {
    return std::span(bytes_).subspan(position % period_);
  }

  // How many of `bytes` are what stands at `position`, up to the first that is
  // not.
  [[nodiscard]] std::size_t agrees(
      std::uint64_t position, std::span<const std::byte> bytes) const noexcept;

 private:
  std::size_t period_;
  std::vector<std::byte> bytes_;
};

}  // namespace bench
