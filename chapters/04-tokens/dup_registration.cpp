// Chapter 04, an experiment: a descriptor is closed, and epoll goes on
// reporting it.
//
// epoll watches the open file behind a descriptor, and dup() (or fork())
// leaves a second descriptor to the same one. The registration ends with the
// file, not with the number, and the number is all that could remove it.

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "common/errors.hpp"
#include "common/file_descriptor.hpp"
#include "common/sys.hpp"

namespace tick {
namespace {

void show_wait(const char* when, int epoll) {
  epoll_event event{};
  const int n = sys::epoll_wait(epoll, &event, 1, 0);
  std::printf("%-42s epoll_wait returned %d\n", when, n);
}

// tag::experiment[]
void experiment() {
  std::array<int, 2> pair{};
  check("socketpair", ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()));
  FileDescriptor original(pair[0]);
  const FileDescriptor peer(pair[1]);
  const FileDescriptor epoll(check("epoll_create1", ::epoll_create1(0)));

  epoll_event interest{};
  interest.events = EPOLLIN;
  const int number = original.get();
  check("epoll_ctl",
        sys::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, number, &interest));
  FileDescriptor copy(check("dup", ::dup(number)));  // <1>
  check("write", static_cast<int>(sys::write(peer.get(), "!", 1)));

  show_wait("a byte waits:", epoll.get());
  original.reset();
  show_wait("the registered descriptor is closed:", epoll.get());  // <2>
  const int removed =
      sys::epoll_ctl(epoll.get(), EPOLL_CTL_DEL, number, nullptr);  // <3>
  std::printf("%-42s EPOLL_CTL_DEL: %s\n", "taking it out by its number:",
              removed == 0 ? "done" : std::strerror(errno));
  copy.reset();
  show_wait("its last copy is closed too:", epoll.get());
}
// end::experiment[]

}  // namespace
}  // namespace tick

int main() {
  try {
    tick::experiment();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dup_registration: %s\n", error.what());
    return 1;
  }
}
