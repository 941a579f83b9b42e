#include "common/trace.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#if defined(__linux__)
#include <sys/epoll.h>
#endif
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "common/errors.hpp"
#include "common/file_descriptor.hpp"
#include "common/poller.hpp"
#include "common/sys.hpp"
#include "tests/contract/socket_pair.hpp"

namespace trace = tick::trace;
namespace sys = tick::sys;

namespace {

// The trace is on while this lives. (Programs never turn it off.)
class Traced {
 public:
  Traced() { trace::start(path_); }
  Traced(const Traced&) = delete;
  Traced& operator=(const Traced&) = delete;
  ~Traced() {
    trace::detail::enabled = false;
    std::filesystem::remove(path_);
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    std::ifstream in(path_);
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }

 private:
  std::string path_ = std::filesystem::temp_directory_path() /
                      ("tick-trace-" + std::to_string(::getpid()));
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Reads one line from front to back. (std::regex does not compile under
// -fsanitize=address with g++ 12: it warns of itself.)
struct Reader {
  bool take(std::string_view word) {
    if (!rest.starts_with(word)) return false;
    rest.remove_prefix(word.size());
    return true;
  }
  bool take_some(std::string_view allowed) {
    const std::size_t end = rest.find_first_not_of(allowed);
    if (end == 0 || end == std::string_view::npos) return false;
    rest.remove_prefix(end);
    return true;
  }
  bool quoted(std::string_view name, std::string_view allowed) {
    return take(name) && take_some(allowed) && take("\"");
  }
  std::string_view rest;
};

bool well_formed(std::string_view line) {
  const std::string digits = "0123456789";
  const std::string lower = "abcdefghijklmnopqrstuvwxyz_ ";
  const std::string upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  Reader in{line};
  bool good = in.take("{\"ns\":") && in.take_some(digits) &&
              in.quoted(",\"event\":\"", lower);
  if (in.take(",\"fd\":")) good = good && in.take_some(digits);
  if (in.rest.starts_with(",\"token")) {
    good = good && in.quoted(",\"token\":\"", digits + '.');
  }
  good = good && in.take(",\"n\":") && in.take_some(digits + '-');
  if (in.rest.starts_with(",\"detail")) {
    good = good && in.quoted(",\"detail\":\"", lower);
  }
  if (in.rest.starts_with(",\"error")) {
    good = good && in.quoted(",\"error\":\"", digits + upper);
  }
  return good && in.quoted(",\"at\":\"", digits + lower + upper + "./:-") &&
         in.take(",\"thread\":") && in.take_some(digits) && in.rest == "}";
}

}  // namespace

TEST_CASE("every call leaves one well-formed line, in order, with its place") {
  const SocketPair pair = SocketPair::local();
  const int fd = pair.ours.get();
  std::array<char, 8> bytes{};
  const Traced traced;
  CHECK(sys::write(fd, "abc", 3) == 3);
  CHECK(sys::read(fd, bytes.data(), bytes.size()) == -1);
  CHECK(sys::read(-1, bytes.data(), bytes.size()) == -1);
  CHECK(sys::shutdown(fd, SHUT_WR) == 0);
  pollfd state{fd, POLLIN, 0};
  CHECK(sys::poll(&state, 1, 0) == 0);
  CHECK(sys::poll(&state, 0, 0) == 0);
  trace::stale({4, 2});
  const auto lines = traced.lines();
  REQUIRE(lines.size() == 11);
  for (const std::string& line : lines) {
    CAPTURE(line);
    CHECK(well_formed(line));
    CHECK(has(line, "unit/trace.cpp:"));
  }
  const std::string number = std::to_string(fd);
  CHECK(has(lines[0], R"("event":"write","fd":)" + number + R"(,"n":3)"));
  CHECK(has(lines[1], R"("event":"would_block","fd":)" + number));
  CHECK(has(lines[1], R"("detail":"read")"));
  CHECK(has(lines[2], R"("event":"read","n":-1,"error":"EBADF")"));
  CHECK(has(lines[3], R"("event":"shutdown")"));
  CHECK(has(lines[4], R"("event":"interest","fd":)" + number));
  CHECK(has(lines[4], R"("detail":"readable")"));
  CHECK(has(lines[5], R"("event":"wait","n":0,"detail":"poll")"));
  CHECK(has(lines[6], R"("event":"wake","n":0)"));
  CHECK(has(lines[7], R"("detail":"nothing")"));
  CHECK(has(lines[10], R"("event":"stale","token":"4.2")"));
}

TEST_CASE("a call that may wait is told before it is made") {
  int ends[2];
  tick::check("pipe", ::pipe(ends));
  const tick::FileDescriptor read_end(ends[0]);
  const tick::FileDescriptor write_end(ends[1]);
  const Traced traced;
  CHECK(sys::write(write_end.get(), "a", 1) == 1);  // it blocks: two lines
  tick::set_nonblocking(write_end.get());
  CHECK(sys::write(write_end.get(), "a", 1) == 1);
  const auto lines = traced.lines();
  REQUIRE(lines.size() == 3);
  CHECK(has(lines[0], R"("event":"call")"));
  CHECK(has(lines[0], R"("detail":"write")"));
  CHECK(has(lines[1], R"("event":"write")"));
  CHECK(has(lines[2], R"("event":"write")"));
}

TEST_CASE("time is the monotonic clock and never goes back") {
  const auto now = [] {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  };
  const Traced traced;
  auto last = now();
  for (int i = 0; i < 10; ++i)
    trace::note("tick", -1, i, tick::Where::current());
  for (const std::string& line : traced.lines()) {
    const long long ns = std::stoll(line.substr(line.find(':') + 1));
    CHECK(ns >= last);
    last = ns;
  }
  CHECK(now() >= last);
}

TEST_CASE("lines carry the token from add until remove, and the newest") {
  const SocketPair pair = SocketPair::local();
  const int fd = pair.ours.get();
  const Traced traced;
  tick::Poller poller(tick::Backend::poll);
  CHECK(sys::write(fd, "a", 1) == 1);
  poller.add(fd, {3, 9}, tick::Interest::both);
  CHECK(sys::write(fd, "a", 1) == 1);
  CHECK(poller.wait().size() == 1);
  poller.modify(fd, {3, 10}, tick::Interest::readable);
  CHECK(sys::write(fd, "a", 1) == 1);
  poller.remove(fd);
  CHECK(sys::write(fd, "a", 1) == 1);
  const auto lines = traced.lines();
  REQUIRE(lines.size() == 10);
  CHECK_FALSE(has(lines[0], "token"));
  CHECK(has(lines[1], R"("event":"add")"));
  CHECK(has(lines[1], R"("token":"3.9")"));
  CHECK(has(lines[1], R"("detail":"readable writable")"));
  CHECK(has(lines[2], R"("token":"3.9")"));
  CHECK(has(lines[3], R"("event":"wait","n":-1,"detail":"poll")"));
  CHECK(has(lines[4], R"("event":"wake","n":1)"));
  CHECK(has(lines[5], R"("event":"event")"));
  CHECK(has(lines[5], R"("token":"3.9","n":0,"detail":"writable")"));
  CHECK(has(lines[6], R"("event":"modify")"));
  CHECK(has(lines[7], R"("token":"3.10")"));
  CHECK(has(lines[8], R"("event":"remove")"));
  CHECK(has(lines[8], R"("token":"3.10")"));
  CHECK_FALSE(has(lines[9], "token"));
}

#if defined(__linux__)
TEST_CASE("an end and an urgent byte make a descriptor readable") {
  for (const std::uint32_t bits : {EPOLLRDHUP, EPOLLPRI}) {
    const Traced traced;
    epoll_event event = {};
    event.events = bits;
    trace::woke(1, &event, tick::Where::current());
    const std::vector<std::string> lines = traced.lines();
    REQUIRE(lines.size() == 2);
    CHECK(lines[1].find("\"detail\":\"readable\"") != std::string::npos);
  }
}
#endif

TEST_CASE("a close forgets the token: the number's next owner is another") {
  SocketPair pair = SocketPair::local();
  const int fd = pair.ours.get();
  const Traced traced;
  trace::registered("add", fd, {3, 9}, "readable", tick::Where::current());
  pair.ours.reset();
  trace::note("tick", fd, 0, tick::Where::current());
  const auto lines = traced.lines();
  REQUIRE(lines.size() == 3);
  CHECK(has(lines[1], R"("event":"close")"));
  CHECK(has(lines[1], R"("token":"3.9")"));
  CHECK_FALSE(has(lines[2], "token"));
}

TEST_CASE("tracing keeps errno, also when the disk is full") {
  const auto errno_is_kept = [] {
    errno = EXDEV;
    trace::wait("poll", 1, tick::Where::current());
    trace::transfer("read", 1, -1, tick::Where::current());
    trace::closed(12345, tick::Where::current());
    trace::registered("add", 12345, {1, 1}, "readable", tick::Where::current());
    trace::removed(12345, tick::Where::current());
    trace::stale({1, 1});
    return errno == EXDEV;
  };
  CHECK(errno_is_kept());  // off
  {
    const Traced traced;
    CHECK(errno_is_kept());
    CHECK(traced.lines().size() == 6);
  }
  if (::access("/dev/full", W_OK) != 0) return;
  trace::start("/dev/full");
  CHECK(errno_is_kept());
  trace::detail::enabled = false;
}

TEST_CASE("a trace that is off writes nothing and remembers nothing") {
  const SocketPair pair = SocketPair::local();
  const int fd = pair.ours.get();
  {
    const Traced traced;
    trace::detail::enabled = false;
    CHECK_FALSE(trace::on());
    CHECK(sys::write(fd, "a", 1) == 1);
    trace::registered("add", fd, {3, 9}, "readable", tick::Where::current());
    trace::stale({1, 1});
    CHECK(traced.lines().empty());
    trace::detail::enabled = true;
    CHECK(sys::write(fd, "a", 1) == 1);
    REQUIRE(traced.lines().size() == 1);
    CHECK_FALSE(has(traced.lines()[0], "token"));
  }
}

TEST_CASE("a trace that cannot be opened throws and names the call") {
  CHECK_THROWS_WITH_AS(trace::start("/no/such/folder/trace"),
                       "open trace: No such file or directory",
                       std::system_error);
  CHECK_FALSE(trace::on());
}
