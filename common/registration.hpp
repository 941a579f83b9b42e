// Registration: one descriptor's entry in a Poller, and what the kernel and
// the server told each other last about it.
//
// Under level none of it is needed: the kernel repeats itself. Under edge the
// server has to remember what it was told and has not used up; under oneshot,
// that the kernel has fallen silent. With this, the poller is told something
// only where that is necessary, and nothing that was left over is forgotten.
//
// It does not own the descriptor, and must be closed before the descriptor is.
#pragma once

#include <cstddef>

#include "common/event.hpp"
#include "common/interest.hpp"
#include "common/io_result.hpp"
#include "common/poller.hpp"
#include "common/token.hpp"
#include "common/trigger.hpp"
#include "common/where.hpp"

namespace tick {

class Registration {
 public:
  // Registers for readable. False: the poller cannot take one more.
  [[nodiscard]] bool open(Poller& poller, int fd, Token token, Trigger trigger,
                          Where where = Where::current());
  void close(Poller& poller, Where where = Where::current());

  // ---- what the kernel says ---------------------------------------------
  void heard(const Event& event) noexcept;
  // The outcome of a read or a write that asked for so many bytes.
  void read(const IoResult& got, std::size_t asked) noexcept;
  void wrote(const IoResult& put, std::size_t asked) noexcept;

  // Nobody has said yet that there is nothing to read; or no room to write.
  [[nodiscard]] bool readable() const noexcept { return readable_; }
  [[nodiscard]] bool writable() const noexcept { return writable_; }
  [[nodiscard]] Token token() const noexcept { return token_; }

  // ---- what the kernel is told ------------------------------------------
  // At the end of a tick: wants `wanted` from now on. Makes a call where the
  // interest has changed, where a oneshot has fired, and where an edge has
  // been told that is not used up: what is there is then told again. False:
  // the machine is full, and the descriptor is as good as deaf.
  [[nodiscard]] bool settle(Poller& poller, Interest wanted,
                            Where where = Where::current());

 private:
  int fd_ = -1;
  Token token_ = {};
  Trigger trigger_ = Trigger::level;
  Interest interest_ = Interest::readable;  // what the poller was told last
  bool armed_ = true;                       // false: a oneshot has fired
  bool readable_ = false;
  bool writable_ = true;  // a fresh socket is
  bool drain_ = false;    // a short read says nothing (Event::drain)
};

}  // namespace tick
