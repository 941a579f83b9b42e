#if __has_include(<sys/event.h>)

#include "common/kqueue_filters.hpp"

#include <cerrno>
#include <utility>

#include "common/sys.hpp"

namespace tick {

// Adding a filter again changes neither EV_CLEAR nor EV_DISPATCH, so the old
// ones go and new ones come. A new filter whose condition holds already is
// reported: that is what re-arms.
int KqueueFilters::set(int fd, Interest interest, Trigger trigger) noexcept {
  unsigned action = EV_ADD;
  if (trigger == Trigger::edge) action |= EV_CLEAR;
  // EV_ONESHOT would delete the filter; EV_DISPATCH leaves it, disabled.
  if (trigger == Trigger::oneshot) action |= EV_DISPATCH;
  if (trigger == Trigger::edge_oneshot) action |= EV_CLEAR | EV_DISPATCH;
  note_both(fd, EV_DELETE);
  if (wants_readable(interest)) note(fd, EVFILT_READ, action);
  if (wants_writable(interest)) note(fd, EVFILT_WRITE, action);
  const int error = apply();
  // One filter may be in place all the same: it would tell of a stranger.
  if (error != 0) static_cast<void>(remove(fd));
  return error;
}

int KqueueFilters::remove(int fd) noexcept {
  note_both(fd, EV_DELETE);
  return apply();
}

int KqueueFilters::disable(int fd) noexcept {
  note_both(fd, EV_DISABLE);
  return apply();
}

void KqueueFilters::note(int fd, short filter, unsigned action) noexcept {
  // Without a receipt the first change that fails keeps the kernel from making
  // the rest; with one each tells how it ended, and no event comes along.
  EV_SET(&changes_[count_++], static_cast<std::size_t>(fd), filter,
         static_cast<unsigned short>(action | EV_RECEIPT), 0, 0, nullptr);
}

void KqueueFilters::note_both(int fd, unsigned action) noexcept {
  note(fd, EVFILT_READ, action);
  note(fd, EVFILT_WRITE, action);
}

int KqueueFilters::apply() noexcept {
  const int count = static_cast<int>(std::exchange(count_, 0));
  const timespec at_once{};
  const int told = sys::kevent(queue_, changes_.data(), count, changes_.data(),
                               count, &at_once);
  if (told < 0) return errno;
  for (std::size_t i = 0; i < static_cast<std::size_t>(told); ++i) {
    const auto error = static_cast<int>(changes_[i].data);
    if (error != 0 && error != ENOENT) return error;
  }
  return 0;
}

}  // namespace tick

#endif
