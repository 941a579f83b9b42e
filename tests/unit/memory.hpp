// What the unit tests may ask of operator new.
#pragma once

#include <cstddef>

namespace memory {

// False where a sanitizer keeps operator new to itself: nothing is counted.
bool counts() noexcept;

struct Counts {
  std::size_t allocations = 0;  // since reset()
  std::size_t live = 0;         // bytes of those that have not been freed
  std::size_t peak = 0;         // the most of them at any moment
};

void reset() noexcept;
Counts now() noexcept;

// The allocation after so many more throws std::bad_alloc, one only. Below 0:
// none.
void fail_after(int allocations) noexcept;

}  // namespace memory
