// Interest: what a registered descriptor should be watched for.
//
// There is no empty interest. A descriptor that nobody wants to hear about is
// removed from the Poller, because the kernel reports errors and hang-ups
// whether they were asked for or not (poll(2), POLLERR and POLLHUP): an
// "empty" registration would wake the loop for ever without saying what to do.
#pragma once

#include <cstdint>
#include <string_view>

namespace tick {

enum class Interest : std::uint8_t { readable = 1, writable = 2, both = 3 };

constexpr bool wants_readable(Interest interest) noexcept {
  return (static_cast<unsigned>(interest) & 1U) != 0;
}

constexpr bool wants_writable(Interest interest) noexcept {
  return (static_cast<unsigned>(interest) & 2U) != 0;
}

constexpr std::string_view to_string(Interest interest) noexcept {
  switch (interest) {
    case Interest::readable:
      return "readable";
    case Interest::writable:
      return "writable";
    case Interest::both:
      return "readable writable";
  }
  return "invalid";
}

}  // namespace tick
