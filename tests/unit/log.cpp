#include "common/log.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "common/errors.hpp"
#include "common/file_descriptor.hpp"

namespace log = tick::log;
using log::Level;
using tick::check;
using tick::FileDescriptor;

namespace {

// Standard error goes to `fd` while this lives. doctest writes to stdout.
class Redirected {
 public:
  explicit Redirected(int fd) : saved_(check("dup", ::dup(STDERR_FILENO))) {
    check("dup2", ::dup2(fd, STDERR_FILENO));
  }
  Redirected(const Redirected&) = delete;
  Redirected& operator=(const Redirected&) = delete;
  ~Redirected() {
    ::dup2(saved_.get(), STDERR_FILENO);
    log::set_level(Level::info);
  }

 private:
  FileDescriptor saved_;
};

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    check("pipe", ::pipe(ends.data()));
    read_end = FileDescriptor(ends[0]);
    write_end = FileDescriptor(ends[1]);
    tick::set_nonblocking(read_end.get());  // the writer's end blocks
  }
  std::string drain() const {
    std::string all;
    std::array<char, 4096> some;
    for (;;) {
      const ssize_t n = ::read(read_end.get(), some.data(), some.size());
      if (n <= 0) return all;
      all.append(some.data(), static_cast<std::size_t>(n));
    }
  }
  FileDescriptor read_end;
  FileDescriptor write_end;
};

std::string logged_at(Level level) {
  const Pipe pipe;
  const Redirected to(pipe.write_end.get());
  log::set_level(level);
  log::debug("a{}", 1);
  log::info("b{}", 2);
  log::warn("c{}", 3);
  log::error("d{}", 4);
  return pipe.drain();
}

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a level lets through itself and what is more important") {
  constexpr std::array kTexts = {"debug a1", "info b2", "warning c3",
                                 "error d4"};
  for (std::size_t level = 0; level <= 4; ++level) {
    CAPTURE(level);
    const std::string text = logged_at(static_cast<Level>(level));
    for (std::size_t i = 0; i < kTexts.size(); ++i) {
      CAPTURE(text);
      CHECK(has(text, kTexts[i]) == (i >= level));
    }
  }
  CHECK(logged_at(Level::off).empty());
}

TEST_CASE("enabled agrees with what is written") {
  log::set_level(Level::warn);
  CHECK_FALSE(log::enabled(Level::info));
  CHECK(log::enabled(Level::warn));
  log::set_level(Level::off);
  CHECK_FALSE(log::enabled(Level::error));
  log::set_level(Level::info);
}

// Were the log to wait for room, the alarm in main() would end the suite.
TEST_CASE("a line for a full pipe is dropped and counted, and never waits") {
  const Pipe pipe;
  const std::uint64_t before = log::dropped();
  std::uint64_t dropped = 0;
  constexpr std::uint64_t kLines = 2000;  // more than 64 KiB of them
  {
    const Redirected to(pipe.write_end.get());
    for (std::uint64_t i = 0; i < kLines; ++i) {
      log::info("line {:0>60}", i);
    }
    dropped = log::dropped() - before;
  }
  CHECK(dropped > 0);
  const std::string text = pipe.drain();
  const auto written =
      static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  CHECK(written > 0);
  CHECK(written + dropped == kLines);
  CHECK(text.back() == '\n');  // none was cut in the middle
}

TEST_CASE("a line longer than PIPE_BUF is cut and still ends in a newline") {
  const Pipe pipe;
  {
    const Redirected to(pipe.write_end.get());
    log::info("{}", std::string(3 * PIPE_BUF, 'x'));
    log::info("next");
  }
  const std::string text = pipe.drain();
  REQUIRE(text.size() > PIPE_BUF);
  CHECK(text.find('\n') == PIPE_BUF - 1);
  CHECK(has(text, "info next\n"));
}

TEST_CASE("a full disk costs lines, and they are counted") {
  const FileDescriptor full(::open("/dev/full", O_WRONLY));
  if (!full.valid()) {
    MESSAGE("SKIPPED: this system has no /dev/full");
    return;
  }
  const std::uint64_t before = log::dropped();
  {
    const Redirected to(full.get());
    log::info("lost");
    log::error("lost too");
    log::debug("not even tried");
  }
  CHECK(log::dropped() - before == 2);
}

TEST_CASE("braces in what a peer sent are text, not a format") {
  const Pipe pipe;
  {
    const Redirected to(pipe.write_end.get());
    log::info("{}", "{} %s %n {0}");
  }
  CHECK(has(pipe.drain(), "info {} %s %n {0}\n"));
}
