// epoll(7): the kernel keeps the list of registrations, so a wait costs what
// is ready and not what is registered. Linux only.
#if defined(__linux__)

#include <sys/epoll.h>

#include <array>
#include <cerrno>

#include "common/errors.hpp"
#include "common/file_descriptor.hpp"
#include "common/poller_backend.hpp"
#include "common/sys.hpp"

namespace tick {
namespace {

class EpollBackend final : public PollerBackend {
 public:
  EpollBackend()
      : epoll_(check("epoll_create1", ::epoll_create1(EPOLL_CLOEXEC))) {}

  void add(int fd, Token token, Interest interest, Trigger trigger) override {
    control("Poller::add", EPOLL_CTL_ADD, fd, token, interest, trigger);
  }

  void modify(int fd, Token token, Interest interest,
              Trigger trigger) override {
    control("Poller::modify", EPOLL_CTL_MOD, fd, token, interest, trigger);
  }

  void remove(int fd) override {
    epoll_event unused{};
    control("Poller::remove", EPOLL_CTL_DEL, fd, unused);
  }

  std::span<const Event> wait(int timeout, Where where) override {
    const int n = sys::epoll_wait(epoll_.get(), kernel_events_.data(),
                                  static_cast<int>(kernel_events_.size()),
                                  timeout, where);
    if (n < 0) {
      if (errno == EINTR) return {};
      throw_errno("epoll_wait");
    }
    const auto count = static_cast<std::size_t>(n);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t bits = kernel_events_[i].events;
      const bool hangup = (bits & (EPOLLERR | EPOLLHUP)) != 0;
      const bool drain = (bits & (EPOLLRDHUP | EPOLLPRI)) != 0;
      events_[i] = {unpack(kernel_events_[i].data.u64),
                    hangup || drain || (bits & EPOLLIN) != 0,
                    hangup || (bits & EPOLLOUT) != 0, hangup, drain};
    }
    return {events_.data(), count};
  }

  bool supports(Trigger) const noexcept override { return true; }
  std::string_view name() const noexcept override { return "epoll"; }

 private:
  void control(const char* call, int operation, int fd, Token token,
               Interest interest, Trigger trigger) {
    epoll_event event{};
    event.data.u64 = pack(token);
    if (wants_readable(interest)) event.events |= EPOLLIN;
    if (wants_writable(interest)) event.events |= EPOLLOUT;
    // Under edge only: told at every wait, an urgent byte that nobody fetches
    // would wake the loop for ever.
    if (wants_readable(interest) && trigger == Trigger::edge) {
      event.events |= EPOLLRDHUP | EPOLLPRI;
    }
    if (trigger == Trigger::edge || trigger == Trigger::edge_oneshot) {
      event.events |= EPOLLET;
    }
    if (trigger == Trigger::oneshot || trigger == Trigger::edge_oneshot) {
      event.events |= EPOLLONESHOT;
    }
    control(call, operation, fd, event);
  }

  void control(const char* call, int operation, int fd, epoll_event& event) {
    if (sys::epoll_ctl(epoll_.get(), operation, fd, &event) == 0) return;
    // What is not open is not registered either: closing removed it.
    const bool closed = errno == EBADF && operation != EPOLL_CTL_ADD;
    throw_errno(call, closed ? ENOENT : errno);
  }

  FileDescriptor epoll_;
  std::array<epoll_event, kEventsPerWait> kernel_events_;
  std::array<Event, kEventsPerWait> events_;
};

}  // namespace

std::unique_ptr<PollerBackend> make_epoll_backend() {
  return std::make_unique<EpollBackend>();
}

}  // namespace tick

#endif
