// Token: the name under which a descriptor is registered with a Poller.
//
// A token says which slot of a Slab an event is for (slot) and which of the
// slot's tenants was meant (generation). The kernel keeps it for us as 64
// opaque bits (epoll_ctl(2), `data.u64`; kevent(2), `udata`) and hands it back
// with every event, so it may be out of date by the time we look: see Slab.
#pragma once

#include <cstdint>

namespace tick {

// tag::token[]
struct Token {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  // 0: a fixed token; a Slab's begin at 1

  friend constexpr bool operator==(Token, Token) noexcept = default;
};
// end::token[]

// A token for something that is not in a Slab and lives as long as the server.
constexpr Token fixed_token(std::uint32_t number) noexcept {
  return {number, 0};
}

inline constexpr Token kListener = fixed_token(0);
inline constexpr Token kWaker = fixed_token(1);

constexpr std::uint64_t pack(Token token) noexcept {
  return (std::uint64_t{token.generation} << 32) | token.slot;
}

constexpr Token unpack(std::uint64_t bits) noexcept {
  return {static_cast<std::uint32_t>(bits),
          static_cast<std::uint32_t>(bits >> 32)};
}

}  // namespace tick
