// select(2): three bit sets over descriptor numbers, rewritten by each call.
// The oldest interface and the narrowest: a set has FD_SETSIZE (1,024) bits,
// and FD_SET of a larger number writes outside it (select(2), BUGS). So a
// larger number is refused, and FD_SET is never called with one.

#include <poll.h>
#include <sys/select.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <vector>

#include "common/errors.hpp"
#include "common/poller_backend.hpp"
#include "common/sys.hpp"

namespace tick {
namespace {

class SelectBackend final : public PollerBackend {
 public:
  SelectBackend() {
    events_.reserve(FD_SETSIZE);  // so that wait() never allocates
    states_.reserve(FD_SETSIZE);
    FD_ZERO(&readable_);
    FD_ZERO(&writable_);
  }

  void add(int fd, Token token, Interest interest, Trigger) override {
    if (fd < 0) throw_errno("Poller::add", EBADF);
    if (fd >= FD_SETSIZE) {
      throw_errno("Poller::add: select stops at FD_SETSIZE", EINVAL);
    }
    if (entry(fd)) throw_errno("Poller::add", EEXIST);
    set(fd, token, interest);
    highest_ = std::max(highest_, fd);
  }

  void modify(int fd, Token token, Interest interest, Trigger) override {
    if (!known(fd)) throw_errno("Poller::modify", ENOENT);
    set(fd, token, interest);
  }

  void remove(int fd) override {
    if (!known(fd)) throw_errno("Poller::remove", ENOENT);
    entry(fd).reset();
    FD_CLR(fd, &readable_);
    FD_CLR(fd, &writable_);
    while (highest_ >= 0 && !entry(highest_)) --highest_;
  }

  std::span<const Event> wait(int timeout, Where where) override {
    events_.clear();
    fd_set readable = readable_;
    fd_set writable = writable_;
    const int ready = sys::select(highest_ + 1, &readable, &writable, nullptr,
                                  timeout, where);
    if (ready < 0) {
      if (errno == EINTR) return {};
      throw_errno("select");
    }
    if (ready > 0) report(readable, writable);
    return events_;
  }

  bool supports(Trigger trigger) const noexcept override {
    return trigger == Trigger::level;
  }
  std::string_view name() const noexcept override { return "select"; }

 private:
  std::optional<Token>& entry(int fd) noexcept {
    return tokens_[static_cast<std::size_t>(fd)];
  }

  bool known(int fd) noexcept {
    return fd >= 0 && fd < FD_SETSIZE && entry(fd).has_value();
  }

  void set(int fd, Token token, Interest interest) noexcept {
    FD_CLR(fd, &readable_);
    FD_CLR(fd, &writable_);
    if (wants_readable(interest)) FD_SET(fd, &readable_);
    if (wants_writable(interest)) FD_SET(fd, &writable_);
    entry(fd) = token;
  }

  // select has no word for "error" or "hung up": it shows both as readiness.
  // One poll(2) that does not wait, over the few that are ready, tells.
  void report(const fd_set& readable, const fd_set& writable) {
    states_.clear();
    for (int fd = 0; fd <= highest_; ++fd) {
      if (FD_ISSET(fd, &readable) || FD_ISSET(fd, &writable)) {
        states_.push_back({fd, 0, 0});
      }
    }
    sys::poll(states_.data(), static_cast<nfds_t>(states_.size()), 0);
    for (const pollfd& state : states_) {
      const bool hangup = state.revents != 0;
      events_.push_back({*entry(state.fd),
                         hangup || FD_ISSET(state.fd, &readable),
                         hangup || FD_ISSET(state.fd, &writable), hangup});
    }
  }

  std::array<std::optional<Token>, FD_SETSIZE> tokens_;
  fd_set readable_;
  fd_set writable_;
  int highest_ = -1;
  std::vector<pollfd> states_;
  std::vector<Event> events_;
};

}  // namespace

std::unique_ptr<PollerBackend> make_select_backend() {
  return std::make_unique<SelectBackend>();
}

}  // namespace tick
