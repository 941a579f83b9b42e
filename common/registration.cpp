#include "common/registration.hpp"

#include <system_error>

#include "common/log.hpp"

namespace tick {
namespace {

// The buffer had nothing to do with it, so no edge will tell of it.
bool out_of_memory(const IoResult& result) noexcept {
  return result.status == IoStatus::would_block && result.error;
}

}  // namespace

bool Registration::open(Poller& poller, int fd, Token token, Trigger trigger,
                        Where where) {
  fd_ = fd;
  token_ = token;
  trigger_ = trigger;
  try {
    poller.add(fd_, token_, interest_, trigger_, where);
    return true;
  } catch (const std::system_error& error) {
    log::debug("client {}: {}", token_.slot, error.what());
    return false;
  }
}

void Registration::close(Poller& poller, Where where) {
  poller.remove(fd_, where);
}

// tag::heard[]
void Registration::heard(const Event& event) noexcept {
  armed_ = !is_oneshot(trigger_);
  readable_ = readable_ || event.readable;
  writable_ = writable_ || event.writable;
  drain_ = drain_ || event.drain;
}

void Registration::read(const IoResult& got, std::size_t asked) noexcept {
  const bool more = got.bytes == asked || drain_;
  readable_ = (got.status == IoStatus::done && more) || out_of_memory(got);
}

void Registration::wrote(const IoResult& put, std::size_t asked) noexcept {
  writable_ = put.bytes == asked || out_of_memory(put);
}
// end::heard[]

// tag::settle[]
bool Registration::settle(Poller& poller, Interest wanted, Where where) {
  const bool left_over = (readable_ && wants_readable(wanted)) ||
                         (writable_ && wants_writable(wanted));
  const bool edge = trigger_ == Trigger::edge;
  if (armed_ && wanted == interest_ && !(edge && left_over)) return true;
  try {
    poller.modify(fd_, token_, wanted, trigger_, where);
  } catch (const std::system_error& error) {
    log::debug("client {}: {}", token_.slot, error.what());
    return false;
  }
  interest_ = wanted;
  armed_ = true;
  readable_ = false;  // what is there is told again
  return true;
}
// end::settle[]

}  // namespace tick
