// kqueue(2), BSD and macOS: a read filter and a write filter for each
// descriptor, where epoll has one registration. This file joins the two.
#if __has_include(<sys/event.h>)

#include <sys/event.h>

#include <array>
#include <cerrno>
#include <vector>

#include "common/errors.hpp"
#include "common/file_descriptor.hpp"
#include "common/kqueue_filters.hpp"
#include "common/poller_backend.hpp"
#include "common/sys.hpp"

namespace tick {
namespace {

void succeed(const char* call, int error) {
  if (error != 0) throw_errno(call, error);
}

class KqueueBackend final : public PollerBackend {
 public:
  KqueueBackend()
      : queue_(check("kqueue", ::kqueue())), filters_(queue_.get()) {
    events_.reserve(kEventsPerWait);
  }

  void add(int fd, Token token, Interest interest, Trigger trigger) override {
    if (fd < 0) throw_errno("Poller::add", EBADF);
    if (known(fd)) throw_errno("Poller::add", EEXIST);
    if (entries_.size() <= index(fd)) entries_.resize(index(fd) + 1);
    succeed("Poller::add", filters_.set(fd, interest, trigger));
    entries_[index(fd)] = {token, interest, trigger};
  }

  void modify(int fd, Token token, Interest interest,
              Trigger trigger) override {
    if (!known(fd)) throw_errno("Poller::modify", ENOENT);
    succeed("Poller::modify", filters_.set(fd, interest, trigger));
    entries_[index(fd)] = {token, interest, trigger};
  }

  void remove(int fd) override {
    if (!known(fd)) throw_errno("Poller::remove", ENOENT);
    entries_[index(fd)] = {};
    succeed("Poller::remove", filters_.remove(fd));
  }

  std::span<const Event> wait(int timeout, Where where) override {
    const timespec limit{timeout / 1000, (timeout % 1000) * 1000000L};
    if (trace::on()) trace::wait("kevent", timeout, where);
    const int n = sys::kevent(queue_.get(), nullptr, 0, ready_.data(),
                              static_cast<int>(ready_.size()),
                              timeout < 0 ? nullptr : &limit);
    if (trace::on()) trace::woke(n, where);
    if (n < 0) {
      if (errno == EINTR) return {};
      throw_errno("kevent");
    }
    events_.clear();
    for (int i = 0; i < n; ++i) report(ready_[static_cast<std::size_t>(i)]);
    silence_oneshots(n);
    return events_;
  }

  bool supports(Trigger) const noexcept override { return true; }
  std::string_view name() const noexcept override { return "kqueue"; }

 private:
  static constexpr std::size_t kNoEvent = SIZE_MAX;

  struct Entry {
    Token token;
    Interest interest = {};  // none: the entry is free
    Trigger trigger = {};
    std::size_t event = kNoEvent;  // index in this batch

    [[nodiscard]] bool two_sided_oneshot() const noexcept {
      return interest == Interest::both &&
             (trigger == Trigger::oneshot || trigger == Trigger::edge_oneshot);
    }
  };

  static std::size_t index(int fd) noexcept {
    return static_cast<std::size_t>(fd);
  }
  bool known(int fd) const noexcept {
    return fd >= 0 && index(fd) < entries_.size() &&
           entries_[index(fd)].interest != Interest{};
  }

  // The two filters of one descriptor become one Event.
  void report(const struct kevent& told) {
    Entry& entry = entries_[told.ident];
    if (entry.event == kNoEvent) {
      entry.event = events_.size();
      events_.push_back({entry.token});
    }
    Event& event = events_[entry.event];
    const bool ended = (told.flags & EV_EOF) != 0;
    if (ended && !event.hangup && (told.fflags != 0 || hung_up(told.ident))) {
      event.readable = event.writable = event.hangup = true;
    }
    if (told.filter == EVFILT_READ) {
      event.readable = true;
      if (entry.trigger == Trigger::edge) event.drain = ended;
    }
    if (told.filter == EVFILT_WRITE) event.writable = true;
  }

  // EV_EOF without an error says that the filter's own direction has ended, by
  // the peer's doing or by ours; poll(2) tells whether both have.
  static bool hung_up(std::size_t fd) noexcept {
    pollfd state{static_cast<int>(fd), 0, 0};
    return sys::poll(&state, 1, 0) > 0;
  }

  // A oneshot that fired on one filter must be silent on the other as well.
  void silence_oneshots(int n) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      Entry& entry = entries_[ready_[i].ident];
      if (entry.event == kNoEvent) continue;  // both filters fired: done
      entry.event = kNoEvent;
      if (!entry.two_sided_oneshot()) continue;
      const int fd = static_cast<int>(ready_[i].ident);
      succeed("Poller::wait", filters_.disable(fd));
    }
  }

  FileDescriptor queue_;
  KqueueFilters filters_;
  std::vector<Entry> entries_;  // by descriptor
  std::array<struct kevent, kEventsPerWait> ready_;
  std::vector<Event> events_;
};

}  // namespace

std::unique_ptr<PollerBackend> make_kqueue_backend() {
  return std::make_unique<KqueueBackend>();
}

}  // namespace tick

#endif
