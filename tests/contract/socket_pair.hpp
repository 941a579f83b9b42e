// SocketPair: two connected, non-blocking stream sockets, `ours` and `theirs`.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "common/file_descriptor.hpp"

// How long a test waits for what must come. Only a failing test waits it out.
inline constexpr std::chrono::seconds kPatience{10};

struct SocketPair {
  static SocketPair local();  // socketpair(2)
  static SocketPair tcp();    // over 127.0.0.1, with small buffers

  void they_send(std::string_view bytes) const;
  void they_shut_down() const;  // FIN: they still read
  void they_reset();            // RST
  void they_shout() const;      // one urgent byte, out of band (URG)
  // Both read all there is, until EAGAIN or the end; how much it was.
  [[nodiscard]] std::size_t we_drain() const;
  [[nodiscard]] std::size_t they_drain() const;
  // Writes until EAGAIN. For local() only: over TCP the acknowledgements that
  // are still to come would make room again, whenever the kernel likes.
  void we_fill() const;

  tick::FileDescriptor ours;
  tick::FileDescriptor theirs;
};

// Waits until poll(2) says all of `bits` about `fd`; fails the test otherwise.
void await_condition(int fd, short bits);
