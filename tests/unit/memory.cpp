#include "tests/unit/memory.hpp"

#include <malloc.h>

#include <cstdlib>
#include <new>

// A sanitizer's own operator new notices more than ours would.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TICK_NEW_IS_TAKEN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TICK_NEW_IS_TAKEN
#endif
#endif

namespace memory {
namespace {
Counts counts_;
int before_failure_ = -1;
}  // namespace

#ifdef TICK_NEW_IS_TAKEN
bool counts() noexcept { return false; }
#else
bool counts() noexcept { return true; }

void* allocate(std::size_t size) {
  if (before_failure_ >= 0 && before_failure_-- == 0) throw std::bad_alloc();
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  ++counts_.allocations;
  counts_.live += ::malloc_usable_size(memory);
  if (counts_.live > counts_.peak) counts_.peak = counts_.live;
  return memory;
}

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  // What is older than reset() is not ours to count.
  const std::size_t size = ::malloc_usable_size(memory);
  counts_.live -= size < counts_.live ? size : counts_.live;
  std::free(memory);
}
#endif

void reset() noexcept { counts_ = {}; }
Counts now() noexcept { return counts_; }
void fail_after(int allocations) noexcept { before_failure_ = allocations; }

}  // namespace memory

#ifndef TICK_NEW_IS_TAKEN
void* operator new(std::size_t size) { return memory::allocate(size); }
void operator delete(void* memory) noexcept { memory::release(memory); }
void operator delete(void* memory, std::size_t) noexcept {
  memory::release(memory);
}
#endif
