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
    if (number >= index_of_.size()) index_of_.resize(number + 1, kAbsent);
    if (index_of_[number] != kAbsent) throw_errno("Poller::add", EEXIST);
    tokens_.push_back(token);
    fds_.push_back({fd, bits(interest), 0});
    index_of_[number] = fds_.size() - 1;
  }

  void modify(int fd, Token token, Interest interest, Trigger) override {
    const std::size_t index = find("Poller::modify", fd);
    fds_[index].events = bits(interest);
    tokens_[index] = token;
  }

  // The last entry takes the place of the one that goes.
  void remove(int fd) override {
    const std::size_t index = find("Poller::remove", fd);
    fds_[index] = fds_.back();
    tokens_[index] = tokens_.back();
    index_of_[static_cast<std::size_t>(fds_[index].fd)] = index;
    index_of_[static_cast<std::size_t>(fd)] = kAbsent;
    fds_.pop_back();
    tokens_.pop_back();
  }

  std::span<const Event> wait(int timeout, Where where) override {
    events_.clear();
    const int ready = sys::poll(fds_.data(), static_cast<nfds_t>(fds_.size()),
                                timeout, where);
    if (ready < 0) {
      if (errno == EINTR) return {};
      throw_errno("poll");
    }
    const auto count = static_cast<std::size_t>(ready);
    for (std::size_t i = 0; events_.size() < count; ++i) {
      if (fds_[i].revents != 0) report(fds_[i].revents, tokens_[i]);
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

  std::size_t find(const char* call, int fd) const {
    const auto number = static_cast<std::size_t>(fd);
    if (fd < 0 || number >= index_of_.size() || index_of_[number] == kAbsent) {
      throw_errno(call, ENOENT);
    }
    return index_of_[number];
  }

  void report(short revents, Token token) {
    const bool hangup = (revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    events_.push_back({token, hangup || (revents & POLLIN) != 0,
                       hangup || (revents & POLLOUT) != 0, hangup});
  }

  std::vector<pollfd> fds_;
  std::vector<Token> tokens_;          // of the same index in fds_
  std::vector<std::size_t> index_of_;  // descriptor → index in fds_
  std::vector<Event> events_;
};

}  // namespace

std::unique_ptr<PollerBackend> make_poll_backend() {
  return std::make_unique<PollBackend>();
}

}  // namespace tick
