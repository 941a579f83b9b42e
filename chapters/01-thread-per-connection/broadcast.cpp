// Chapter 01, a variation: what one client says goes to all of them.
//
// The threads now share something, the list of clients, so there is a lock.
// The write happens while the lock is held, and a write may wait: one client
// that never reads fills its buffers and stops everyone.

#include <algorithm>
#include <array>
#include <cstddef>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "blocking_io.hpp"
#include "common/errors.hpp"
#include "common/file_descriptor.hpp"
#include "common/log.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "common/sys.hpp"

namespace tick {
namespace {

constexpr std::size_t kReadSize = 16 * 1024;  // bytes asked for in one read

// tag::room[]
class Room {
 public:
  void join(int fd) {
    const std::scoped_lock lock(mutex_);
    members_.push_back(fd);
  }

  void leave(int fd) {
    const std::scoped_lock lock(mutex_);
    std::erase(members_, fd);
  }

  void say(std::span<const std::byte> bytes) {
    const std::scoped_lock lock(mutex_);  // <1>
    for (const int fd : members_) {
      // A member that is gone is taken out by its own thread.
      static_cast<void>(write_all(fd, bytes));  // <2>
    }
  }

 private:
  std::mutex mutex_;
  std::vector<int> members_;
};
// end::room[]

// tag::serve[]
void serve_client(const FileDescriptor& client, Room& room) {
  std::array<std::byte, kReadSize> buffer;
  room.join(client.get());
  for (;;) {
    const ssize_t n = read_some(client.get(), buffer);
    if (n <= 0) break;
    room.say(std::span(buffer).first(static_cast<std::size_t>(n)));
  }
  room.leave(client.get());  // <1>
}
// end::serve[]

void serve(const Options& options) {
  ignore_sigpipe();
  static Room room;  // outlives every detached thread
  const Listener listener = listen(options, Mode::blocking);
  announce(listener);
  for (;;) {
    FileDescriptor client(sys::accept(listener.fd(), false));
    if (!client.valid()) {
      if (accept_status(errno) == AcceptStatus::exhausted) {
        throw_errno("accept");
      }
      continue;
    }
    try {
      std::thread([owned = std::move(client)] {
        serve_client(owned, room);
      }).detach();
    } catch (const std::system_error& error) {
      log::warn("no thread for a client, closing it: {}", error.what());
    }
  }
}

}  // namespace
}  // namespace tick

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Every client hears every client.",
                           tick::Accepts::basics, tick::serve);
}
