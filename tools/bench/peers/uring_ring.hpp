// What the peer on io_uring stands on: a ring, and buffers that all its
// receives share (io_uring_register_buf_ring(3)).
#pragma once

#include <liburing.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <system_error>

namespace peers {

enum class Operation : std::uint8_t { accept, receive, send };

class Ring {
 public:
  Ring() {
    io_uring_params parameters{};
    parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN |
                       IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE;
    parameters.cq_entries = 8 * kEntries;
    check("io_uring_queue_init",
          io_uring_queue_init_params(kEntries, &ring_, &parameters));
    void* place = nullptr;
    check("posix_memalign",
          -::posix_memalign(&place, 4096, kBuffers * sizeof(io_uring_buf)));
    buffers_ = static_cast<io_uring_buf_ring*>(place);
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(place);
    registration.ring_entries = kBuffers;
    check("io_uring_register_buf_ring",
          io_uring_register_buf_ring(&ring_, &registration, 0));
    io_uring_buf_ring_init(buffers_);
    for (unsigned i = 0; i < kBuffers; ++i) give_back(i);
  }

  // An entry to be filled in; `user_data` says what it is for.
  io_uring_sqe* entry(Operation operation, int fd) {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    if (sqe == nullptr) {
      check("io_uring_submit", io_uring_submit(&ring_));
      sqe = io_uring_get_sqe(&ring_);
    }
    io_uring_sqe_set_data64(sqe, static_cast<std::uint64_t>(fd) << 8 |
                                     static_cast<std::uint64_t>(operation));
    return sqe;
  }

  // Submits, waits, and calls handle(operation, fd, completion) for each.
  template <class Handle>
  void turn(Handle handle) {
    const int result = io_uring_submit_and_wait(&ring_, 1);
    if (result != -EINTR) check("io_uring_submit_and_wait", result);
    io_uring_cqe* done = nullptr;
    unsigned head = 0;
    unsigned count = 0;
    io_uring_for_each_cqe(&ring_, head, done) {
      handle(static_cast<Operation>(done->user_data & 0xff),
             static_cast<int>(done->user_data >> 8), *done);
      ++count;
    }
    io_uring_cq_advance(&ring_, count);
  }

  char* buffer(unsigned number) {
    return &memory_[std::size_t{number} * kBufferSize];
  }

  void give_back(unsigned number) {
    io_uring_buf_ring_add(buffers_, buffer(number), kBufferSize,
                          static_cast<unsigned short>(number),
                          io_uring_buf_ring_mask(kBuffers), 0);
    io_uring_buf_ring_advance(buffers_, 1);
  }

 private:
  static constexpr unsigned kEntries = 4096;  // of the submission queue
  static constexpr unsigned kBuffers = 2048;  // a power of two
  static constexpr unsigned kBufferSize = 32 * 1024;

  // Errors are negative results everywhere in liburing.
  static void check(const char* call, int result) {
    if (result >= 0) return;
    throw std::system_error(-result, std::generic_category(), call);
  }

  io_uring ring_{};
  io_uring_buf_ring* buffers_ = nullptr;
  std::unique_ptr<char[]> memory_ = std::make_unique_for_overwrite<char[]>(
      std::size_t{kBuffers} * kBufferSize);
};

}  // namespace peers
