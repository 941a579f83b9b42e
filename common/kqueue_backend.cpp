// kqueue(2), BSD and macOS: a read filter and a write filter for each
// descriptor, where epoll has one registration. This file joins the two.
#if __has_include(<sys/event.h>)

#include <sys/event.h>

#include <array>
#include <cerrno>
#include <vector>

#include "common/errors.hpp"
#include "common/file_descriptor.hpp"
#include "common/poller_backend.hpp"
#include "common/sys.hpp"

namespace tick {
namespace {

class KqueueBackend final : public PollerBackend {
 public:
  KqueueBackend() : queue_(check("kqueue", ::kqueue())) {}

  void add(int fd, Token token, Interest interest, Trigger trigger) override {
    if (fd < 0) throw_errno("Poller::add", EBADF);
    if (known(fd)) throw_errno("Poller::add", EEXIST);
    if (entries_.size() <= index(fd)) entries_.resize(index(fd) + 1);
    submit("Poller::add", fd, 0, interest, trigger);
    entries_[index(fd)] = {token, interest, trigger};
  }

  // Adding a filter again changes neither EV_CLEAR nor EV_DISPATCH, so the old
  // filters go and new ones come, in one call. A new filter whose condition
  // holds is reported: that is what re-arms.
  void modify(int fd, Token token, Interest interest,
              Trigger trigger) override {
    if (!known(fd)) throw_errno("Poller::modify", ENOENT);
    submit("Poller::modify", fd, entries_[index(fd)].filters(), interest,
           trigger);
    entries_[index(fd)] = {token, interest, trigger};
  }

  void remove(int fd) override {
    if (!known(fd)) throw_errno("Poller::remove", ENOENT);
    Entry& entry = entries_[index(fd)];
    begin();
    if ((entry.filters() & kRead) != 0) change(fd, EVFILT_READ, EV_DELETE);
    if ((entry.filters() & kWrite) != 0) change(fd, EVFILT_WRITE, EV_DELETE);
    entry = {};
    send("Poller::remove");
  }

  std::span<const Event> wait(int timeout, Where where) override {
    const timespec limit{timeout / 1000, (timeout % 1000) * 1000000L};
    if (trace::on()) trace::wait(timeout, where);
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
  static constexpr unsigned kRead = 1;
  static constexpr unsigned kWrite = 2;
  static constexpr std::size_t kNoEvent = SIZE_MAX;

  struct Entry {
    Token token;
    Interest interest = {};
    Trigger trigger = {};
    std::size_t event = kNoEvent;  // index in this batch

    // Which filters the kernel has; none when the entry is free.
    [[nodiscard]] unsigned filters() const noexcept {
      return static_cast<unsigned>(interest);
    }
    [[nodiscard]] bool oneshot() const noexcept {
      return trigger == Trigger::oneshot || trigger == Trigger::edge_oneshot;
    }
  };

  static std::size_t index(int fd) noexcept {
    return static_cast<std::size_t>(fd);
  }
  bool known(int fd) const noexcept {
    return fd >= 0 && index(fd) < entries_.size() &&
           entries_[index(fd)].filters() != 0;
  }

  void begin() noexcept { changes_used_ = 0; }
  void change(int fd, short filter, unsigned flags) noexcept {
    EV_SET(&changes_[changes_used_++], index(fd), filter,
           static_cast<unsigned short>(flags), 0, 0, nullptr);
  }
  void send(const char* call) {
    check(call,
          sys::kevent(queue_.get(), changes_.data(),
                      static_cast<int>(changes_used_), nullptr, 0, nullptr));
  }

  void submit(const char* call, int fd, unsigned old, Interest interest,
              Trigger trigger) {
    unsigned flags = EV_ADD;
    if (trigger == Trigger::edge) flags |= EV_CLEAR;
    // EV_ONESHOT would delete the filter; EV_DISPATCH leaves it, disabled.
    if (trigger == Trigger::oneshot) flags |= EV_DISPATCH;
    if (trigger == Trigger::edge_oneshot) flags |= EV_CLEAR | EV_DISPATCH;
    begin();
    if ((old & kRead) != 0) change(fd, EVFILT_READ, EV_DELETE);
    if ((old & kWrite) != 0) change(fd, EVFILT_WRITE, EV_DELETE);
    if (wants_readable(interest)) change(fd, EVFILT_READ, flags);
    if (wants_writable(interest)) change(fd, EVFILT_WRITE, flags);
    send(call);
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
    // On the read filter EV_EOF alone is a half-close, with fflags an error;
    // on the write filter it says that the peer is gone.
    if (ended && (told.filter == EVFILT_WRITE || told.fflags != 0)) {
      event.readable = event.writable = event.hangup = true;
    }
    if (told.filter == EVFILT_READ) event.readable = true;
    if (told.filter == EVFILT_WRITE) event.writable = true;
  }

  // A oneshot that fired on one filter must be silent on the other as well.
  void silence_oneshots(int n) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      const int fd = static_cast<int>(ready_[i].ident);
      Entry& entry = entries_[index(fd)];
      if (entry.event == kNoEvent) continue;  // both filters fired: done
      entry.event = kNoEvent;
      if (!entry.oneshot() || entry.interest != Interest::both) continue;
      begin();
      change(fd, EVFILT_READ, EV_DISABLE);
      change(fd, EVFILT_WRITE, EV_DISABLE);
      send("Poller::wait");
    }
  }

  FileDescriptor queue_;
  std::vector<Entry> entries_;  // by descriptor
  std::array<struct kevent, 4> changes_;
  std::size_t changes_used_ = 0;
  std::array<struct kevent, kEventsPerWait> ready_;
  std::vector<Event> events_;
};

}  // namespace

std::unique_ptr<PollerBackend> make_kqueue_backend() {
  return std::make_unique<KqueueBackend>();
}

}  // namespace tick

#endif
