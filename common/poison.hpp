// Memory that nobody may use for the time being.
//
// An address sanitizer knows when memory goes back to the allocator. It does
// not know of memory that is given out by hand, as a Slab does: who uses an
// element that is gone would read whatever lies there, unnoticed. Poisoned, it
// is reported as use-after-poison, with the line that did it. In a build
// without the sanitizer both functions do nothing.
//
// Source: compiler-rt, include/sanitizer/asan_interface.h. Poison covers whole
// groups of 8 bytes; what shares its last group with others may stay usable.
#pragma once

#include <cstddef>
#include <span>

#if defined(__SANITIZE_ADDRESS__)  // GCC
#define TICK_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)  // Clang
#define TICK_ASAN 1
#endif
#endif

#ifdef TICK_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace tick {

#ifdef TICK_ASAN
inline void poison(std::span<const std::byte> memory) noexcept {
  __asan_poison_memory_region(memory.data(), memory.size());
}
inline void unpoison(std::span<const std::byte> memory) noexcept {
  __asan_unpoison_memory_region(memory.data(), memory.size());
}
#else
inline void poison(std::span<const std::byte> /*memory*/) noexcept {}
inline void unpoison(std::span<const std::byte> /*memory*/) noexcept {}
#endif

}  // namespace tick
