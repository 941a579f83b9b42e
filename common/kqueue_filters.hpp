// KqueueFilters: the read filter and the write filter of each descriptor in a
// kqueue, set together and in one call.
//
// Private to kqueue_backend.cpp. Results are errno values, 0 for success. A
// filter that should go and is gone already (its descriptor was closed) is no
// error.
#pragma once

#if __has_include(<sys/event.h>)

#include <sys/event.h>

#include <array>
#include <cstddef>

#include "common/interest.hpp"
#include "common/trigger.hpp"

namespace tick {

class KqueueFilters {
 public:
  // `queue` stays its owner's.
  explicit KqueueFilters(int queue) noexcept : queue_(queue) {}

  // Puts new filters in place of those that `fd` had. After an error it has
  // none at all.
  [[nodiscard]] int set(int fd, Interest interest, Trigger trigger) noexcept;
  [[nodiscard]] int remove(int fd) noexcept;
  // Both stay, and say nothing before the next set().
  [[nodiscard]] int disable(int fd) noexcept;

 private:
  void note(int fd, short filter, unsigned action) noexcept;
  void note_both(int fd, unsigned action) noexcept;
  int apply() noexcept;

  int queue_;
  std::array<struct kevent, 4> changes_;  // two filters go, two come
  std::size_t count_ = 0;
};

}  // namespace tick

#endif
