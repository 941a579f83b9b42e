#include "common/poller.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <new>
#include <string>

#include "common/errors.hpp"
#include "common/poller_backend.hpp"
#include "common/trace.hpp"

#if __has_include(<sys/event.h>)
#define TICK_HAS_KQUEUE 1
#else
#define TICK_HAS_KQUEUE 0
#endif
#if defined(__linux__)
#define TICK_HAS_EPOLL 1
#else
#define TICK_HAS_EPOLL 0
#endif

namespace tick {
namespace {

std::unique_ptr<PollerBackend> make(Backend backend) {
  switch (backend) {
    case Backend::automatic:
#if TICK_HAS_EPOLL
      return make_epoll_backend();
#elif TICK_HAS_KQUEUE
      return make_kqueue_backend();
#else
      return make_poll_backend();
#endif
    case Backend::select:
      return make_select_backend();
    case Backend::poll:
      return make_poll_backend();
    case Backend::epoll:
#if TICK_HAS_EPOLL
      return make_epoll_backend();
#else
      break;
#endif
    case Backend::kqueue:
#if TICK_HAS_KQUEUE
      return make_kqueue_backend();
#else
      break;
#endif
  }
  throw_errno("Poller: no " + std::string(to_string(backend)) + " here",
              EOPNOTSUPP);
}

void refuse_unsupported(const PollerBackend& backend, const char* call,
                        Trigger trigger) {
  if (backend.supports(trigger)) return;
  throw_errno(std::string(call) + ": " + std::string(backend.name()) +
                  " has no " + std::string(to_string(trigger)) + " trigger",
              EOPNOTSUPP);
}

int to_milliseconds(std::optional<std::chrono::nanoseconds> timeout) {
  using std::chrono::milliseconds;
  if (!timeout) return -1;
  const auto rounded = std::chrono::ceil<milliseconds>(*timeout).count();
  return static_cast<int>(std::clamp<milliseconds::rep>(rounded, 0, INT_MAX));
}

}  // namespace

Poller::Poller(Backend backend) : backend_(make(backend)) {}
Poller::~Poller() = default;

void Poller::add(int fd, Token token, Interest interest, Trigger trigger,
                 Where where) {
  refuse_unsupported(*backend_, "Poller::add", trigger);
  try {
    backend_->add(fd, token, interest, trigger);
  } catch (const std::bad_alloc&) {  // our own list, where the kernel has none
    throw_errno("Poller::add", ENOMEM);
  }
  trace::registered("add", fd, token, to_string(interest), where);
}

void Poller::modify(int fd, Token token, Interest interest, Trigger trigger,
                    Where where) {
  refuse_unsupported(*backend_, "Poller::modify", trigger);
  backend_->modify(fd, token, interest, trigger);
  trace::registered("modify", fd, token, to_string(interest), where);
}

void Poller::remove(int fd, Where where) {
  backend_->remove(fd);
  trace::removed(fd, where);
}

std::span<const Event> Poller::wait(
    std::optional<std::chrono::nanoseconds> timeout, Where where) {
  return backend_->wait(to_milliseconds(timeout), where);
}

bool Poller::supports(Trigger trigger) const noexcept {
  return backend_->supports(trigger);
}

std::string_view Poller::name() const noexcept { return backend_->name(); }

}  // namespace tick
