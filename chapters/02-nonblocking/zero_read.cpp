// Chapter 02, an experiment: two reads that both return 0.
//
// The first asks for nothing while three bytes are waiting; the second asks
// for bytes when there will be no more. read(2) gives the same answer.

#include <array>
#include <cstdio>

#include "common/errors.hpp"
#include "common/file_descriptor.hpp"
#include "common/program.hpp"
#include "common/sys.hpp"

namespace tick {
namespace {

void report(const char* what, ssize_t n) {
  std::printf("%-44s read returned %zd\n", what, n);
}

// tag::experiment[]
void experiment() {
  std::array<int, 2> pair{};
  check("socketpair", ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()));
  FileDescriptor ours(pair[0]);
  FileDescriptor theirs(pair[1]);
  set_nonblocking(ours.get());

  std::array<char, 16> buffer{};
  report("nothing sent yet:", sys::read(ours.get(), buffer.data(), 16));
  check("write", static_cast<int>(sys::write(theirs.get(), "abc", 3)));
  report("three bytes waiting, a buffer of none:",
         sys::read(ours.get(), buffer.data(), 0));  // <1>
  report("the same three bytes, a buffer of 16:",
         sys::read(ours.get(), buffer.data(), 16));
  theirs.reset();
  report("the other side closed:", sys::read(ours.get(), buffer.data(), 16));
}
// end::experiment[]

}  // namespace
}  // namespace tick

int main() {
  try {
    tick::experiment();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "zero_read: %s\n", error.what());
    return 1;
  }
}
