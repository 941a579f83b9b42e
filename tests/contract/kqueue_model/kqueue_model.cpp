// See sys/event.h for what this models and what it does not.

#include "tests/contract/kqueue_model/kqueue_model.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/event.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <map>
#include <utility>
#include <vector>

#include "common/file_descriptor.hpp"
#include "tests/contract/allocation.hpp"

namespace {

using Key = std::pair<int, short>;  // "(ident, filter)"

struct Knote {
  unsigned sticky = 0;  // EV_CLEAR | EV_DISPATCH | EV_ONESHOT, of the first add
  void* udata = nullptr;
  ino_t tenant = 0;  // of the number, which may have another one by now
};

int adds_before_failure = -1;  // below 0: never

class Queue {
 public:
  int change(const struct kevent& wanted);
  int collect(struct kevent* events, int size, const timespec* timeout);

 private:
  [[nodiscard]] int epoll_of(short filter) const noexcept {
    return (filter == EVFILT_READ ? reads_ : writes_).get();
  }
  [[nodiscard]] int enable(Key key, const Knote& note) const;
  void disable(Key key) const {
    ::epoll_ctl(epoll_of(key.second), EPOLL_CTL_DEL, key.first, nullptr);
  }
  int collect(short filter, struct kevent* events, int size);
  void deliver(Key key, unsigned ready, struct kevent& out);

  tick::FileDescriptor reads_{::epoll_create1(EPOLL_CLOEXEC)};
  tick::FileDescriptor writes_{::epoll_create1(EPOLL_CLOEXEC)};
  std::map<Key, Knote> notes_;  // a disabled one is here and in no epoll
  bool writes_first_ = false;   // in turn, so that neither filter starves
};

// Leaving and entering the epoll anew: "the filter is executed".
int Queue::enable(Key key, const Knote& note) const {
  epoll_event event{};
  event.events = key.second == EVFILT_READ ? EPOLLIN | EPOLLRDHUP : EPOLLOUT;
  if ((note.sticky & EV_CLEAR) != 0) event.events |= EPOLLET;
  event.data.fd = key.first;
  disable(key);
  return ::epoll_ctl(epoll_of(key.second), EPOLL_CTL_ADD, key.first, &event);
}

// Returns an errno, or 0.
int Queue::change(const struct kevent& wanted) {
  const Key key{static_cast<int>(wanted.ident), wanted.filter};
  if (key.second != EVFILT_READ && key.second != EVFILT_WRITE) return EINVAL;
  struct stat file;
  if (::fstat(key.first, &file) != 0) return EBADF;
  auto found = notes_.find(key);
  if (found != notes_.end() && found->second.tenant != file.st_ino) {
    notes_.erase(found);  // its descriptor was closed
    found = notes_.end();
  }
  const bool adds = (wanted.flags & EV_ADD) != 0;
  if (adds && adds_before_failure >= 0 && adds_before_failure-- == 0) {
    return ENOMEM;
  }
  if (found == notes_.end()) {
    if (!adds) return ENOENT;
    const unsigned sticky =
        wanted.flags & (EV_CLEAR | EV_DISPATCH | EV_ONESHOT);
    found = notes_.emplace(key, Knote{sticky, nullptr, file.st_ino}).first;
  }
  if (adds) found->second.udata = wanted.udata;
  if ((wanted.flags & (EV_DELETE | EV_DISABLE)) != 0) {
    disable(key);
    if ((wanted.flags & EV_DELETE) != 0) notes_.erase(found);
    return 0;
  }
  if (!adds && (wanted.flags & EV_ENABLE) == 0) return 0;
  return enable(key, found->second) == 0 ? 0 : errno;
}

void Queue::deliver(Key key, unsigned ready, struct kevent& out) {
  const auto found = notes_.find(key);
  const Knote note = found->second;
  unsigned flags = note.sticky;
  unsigned ended = EPOLLHUP | EPOLLERR;
  if (key.second == EVFILT_READ) ended |= EPOLLRDHUP;
  if ((ready & ended) != 0) flags |= EV_EOF;
  EV_SET(&out, static_cast<std::uintptr_t>(key.first), key.second,
         static_cast<unsigned short>(flags),
         (ready & EPOLLERR) != 0 ? ECONNRESET : 0U, 0, note.udata);
  if ((note.sticky & (EV_DISPATCH | EV_ONESHOT)) != 0) disable(key);
  if ((note.sticky & EV_ONESHOT) != 0) notes_.erase(found);
}

int Queue::collect(short filter, struct kevent* events, int size) {
  if (size == 0) return 0;
  std::vector<epoll_event> ready(static_cast<std::size_t>(size));
  const int n = ::epoll_wait(epoll_of(filter), ready.data(), size, 0);
  for (int i = 0; i < n; ++i) {
    const epoll_event& one = ready[static_cast<std::size_t>(i)];
    deliver({one.data.fd, filter}, one.events, events[i]);
  }
  return n;
}

int Queue::collect(struct kevent* events, int size, const timespec* timeout) {
  std::array<pollfd, 2> either = {
      {{reads_.get(), POLLIN, 0}, {writes_.get(), POLLIN, 0}}};
  if (::ppoll(either.data(), either.size(), timeout, nullptr) < 0) return -1;
  writes_first_ = !writes_first_;
  const short first = writes_first_ ? EVFILT_WRITE : EVFILT_READ;
  const short second = writes_first_ ? EVFILT_READ : EVFILT_WRITE;
  const int count = collect(first, events, size);
  return count + collect(second, events + count, size - count);
}

// A kernel does not allocate with our operator new.
struct KernelMemory {
  KernelMemory() : saved(std::exchange(allocations_before_failure, -1)) {}
  ~KernelMemory() { allocations_before_failure = saved; }
  KernelMemory(const KernelMemory&) = delete;
  KernelMemory& operator=(const KernelMemory&) = delete;
  int saved;
};

std::map<int, Queue>& queues() {
  static std::map<int, Queue> all;
  return all;
}

}  // namespace

void kqueue_model::fail_add_after(int successes) {
  adds_before_failure = successes;
}

// The descriptor only keeps a number busy: closing it leaves its Queue behind
// until the number comes up again.
extern "C" int kqueue(void) {
  const int number = ::epoll_create1(EPOLL_CLOEXEC);
  if (number >= 0) queues()[number] = Queue();
  return number;
}

extern "C" int kevent(int queue, const struct kevent* changes, int change_count,
                      struct kevent* events, int size,
                      const struct timespec* timeout) {
  const KernelMemory memory;
  const auto found = queues().find(queue);
  if (found == queues().end()) {
    errno = EBADF;
    return -1;
  }
  int errors = 0;
  for (int i = 0; i < change_count; ++i) {
    const struct kevent wanted = changes[i];  // may be the same array as events
    const int error = found->second.change(wanted);
    if (error == 0 && (wanted.flags & EV_RECEIPT) == 0) continue;
    if (errors == size) {
      errno = error;
      return error != 0 ? -1 : errors;
    }
    events[errors] = wanted;
    events[errors].flags = EV_ERROR;
    events[errors].data = error;
    ++errors;
  }
  if (errors > 0 || size == 0) return errors;
  return found->second.collect(events, size, timeout);
}
