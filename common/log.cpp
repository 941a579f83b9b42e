#include "common/log.hpp"

#include <limits.h>
#include <poll.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <mutex>

namespace tick::log {
namespace {

std::atomic<std::uint64_t> dropped_lines = 0;

// spdlog's own stderr sink writes with fwrite(3) and waits when the reader of
// the pipe does not read: a server whose log is piped into a stopped program
// would stop with it. Asking poll(2) first costs a call a line.
class UnwaitingSink final : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (line.size() > PIPE_BUF) {
      line.resize(PIPE_BUF);
      line[PIPE_BUF - 1] = '\n';
    }
    pollfd room{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&room, 1, 0) != 1 || (room.revents & POLLOUT) == 0 ||
        ::write(STDERR_FILENO, line.data(), line.size()) < 0) {
      dropped_lines.fetch_add(1, std::memory_order_relaxed);
    }
  }
  void flush_() override {}
};

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::off:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

spdlog::logger& logger() {
  static spdlog::logger instance = [] {
    spdlog::logger made("tick", std::make_shared<UnwaitingSink>());
    made.set_pattern("%H:%M:%S.%e %l %v");
    made.set_level(spdlog::level::debug);  // enabled() has decided already
    return made;
  }();
  return instance;
}

}  // namespace

void set_level(Level level) noexcept { detail::least = level; }

std::uint64_t dropped() noexcept {
  return dropped_lines.load(std::memory_order_relaxed);
}

void detail::write(Level level, fmt::string_view format,
                   fmt::format_args args) {
  const std::string text = fmt::vformat(format, args);
  logger().log(to_spdlog(level), text);
}

}  // namespace tick::log
