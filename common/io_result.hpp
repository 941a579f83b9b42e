// IoResult: how one read or write on a socket ended.
//
// A non-blocking call has four outcomes, and two of them are the ones that
// beginners mishandle. They are an enum so that a `switch` without a default
// has to name each; [[nodiscard]], so that none is dropped unseen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <system_error>

namespace tick {

// tag::io_result[]
enum class IoStatus : std::uint8_t {
  done,         // `bytes` were moved: perhaps fewer than asked
  would_block,  // nothing now; wait for the next event (EAGAIN)
  closed,       // read: the peer will send no more. write: it takes no more
  failed,       // the connection is dead; `error` says why
};

struct [[nodiscard]] IoResult {
  IoStatus status = IoStatus::failed;
  std::size_t bytes = 0;
  std::error_code error = {};
};
// end::io_result[]

}  // namespace tick
