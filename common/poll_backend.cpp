// poll(2): we keep the list and hand all of it over at every wait. Simple,
// portable, and O(registered) a call.

#include <poll.h>

#include <cerrno>
#include <vector>

#include "common/errors.hpp"
#include "common/poller_backend.hpp"
#include "common/sys.hpp"

namespace tick {
namespace {

class PollBackend final : public PollerBackend {
 public:
  void add(int fd, Token token, Interest interest, Trigger) override {
    if (fd < 0) throw_errno("Poller::add", EBADF);
    const auto number = static_cast<std::size_t>(fd);
    if (number >= entries_.size()) entries_.resize(number + 1);
    if (entries_[number].index != kAbsent) throw_errno("Poller::add", EEXIST);
    // All that can fail comes before what is changed, and wait() has no need
    // to allocate.
    if (fds_.size() == fds_.capacity()) fds_.reserve(2 * fds_.size() + 16);
    // The events of the last wait may still be in use: leave them in place.
    if (events_.capacity() < fds_.capacity()) next_.reserve(fds_.capacity());
    entries_[number] = {token, fds_.size()};
    fds_.push_back({fd, bits(interest), 0});
  }

  void modify(int fd, Token token, Interest interest, Trigger) override {
    Entry& entry = find("Poller::modify", fd);
    fds_[entry.index].events = bits(interest);
    entry.token = token;
  }

  // The last of fds_ takes the place of the one that goes.
  void remove(int fd) override {
    Entry& entry = find("Poller::remove", fd);
    fds_[entry.index] = fds_.back();
    entry_of(fds_.back()).index = entry.index;
    entry = {};
    fds_.pop_back();
  }

  std::span<const Event> wait(int timeout, Where where) override {
    if (next_.capacity() > events_.capacity()) events_.swap(next_);
    events_.clear();
    const int ready = sys::poll(fds_.data(), static_cast<nfds_t>(fds_.size()),
                                timeout, where);
    if (ready < 0) {
      if (errno == EINTR) return {};
      throw_errno("poll");
    }
    const auto count = static_cast<std::size_t>(ready);
    for (std::size_t i = 0; events_.size() < count; ++i) {
      if (fds_[i].revents != 0) report(fds_[i]);
    }
    return events_;
  }

  bool supports(Trigger trigger) const noexcept override {
    return trigger == Trigger::level;
  }
  std::string_view name() const noexcept override { return "poll"; }

 private:
  static constexpr std::size_t kAbsent = SIZE_MAX;

  static short bits(Interest interest) noexcept {
    int wanted = 0;
    if (wants_readable(interest)) wanted |= POLLIN;
    if (wants_writable(interest)) wanted |= POLLOUT;
    return static_cast<short>(wanted);
  }

  struct Entry {
    Token token;
    std::size_t index = kAbsent;  // in fds_
  };

  Entry& entry_of(const pollfd& watched) noexcept {
    return entries_[static_cast<std::size_t>(watched.fd)];
  }

  Entry& find(const char* call, int fd) {
    const auto number = static_cast<std::size_t>(fd);
    if (fd < 0 || number >= entries_.size() ||
        entries_[number].index == kAbsent) {
      throw_errno(call, ENOENT);
    }
    return entries_[number];
  }

  void report(const pollfd& told) {
    const bool hangup = (told.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    events_.push_back({entry_of(told).token,
                       hangup || (told.revents & POLLIN) != 0,
                       hangup || (told.revents & POLLOUT) != 0, hangup});
  }

  std::vector<pollfd> fds_;
  std::vector<Entry> entries_;  // by descriptor
  std::vector<Event> events_;
  std::vector<Event> next_;  // empty: the larger storage for the next wait
};

}  // namespace

std::unique_ptr<PollerBackend> make_poll_backend() {
  return std::make_unique<PollBackend>();
}

}  // namespace tick
