#include "common/trace.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <map>
#include <mutex>

#include "common/errors.hpp"
#include "common/trace_line.hpp"

namespace tick::trace {
namespace {

int file = -1;

// Which token a descriptor is registered under: the kernel reports one or the
// other, a reader wants both. Touched only while a trace is being written.
std::mutex tokens_mutex;
std::map<int, Token> tokens;

std::optional<Token> token_of(int fd) {
  const std::scoped_lock lock(tokens_mutex);
  const auto found = tokens.find(fd);
  if (found == tokens.end()) return std::nullopt;
  return found->second;
}

int thread_number() {
  static std::atomic<int> threads = 0;
  thread_local const int number = ++threads;
  return number;
}

std::string error_name(int error) {
#if defined(__GLIBC__)
  if (const char* name = ::strerrorname_np(error)) return name;
#endif
  return std::to_string(error);
}

std::string format(const Line& line, Where where) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  std::string out = fmt::format(
      R"({{"ns":{},"event":"{}")",
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count(),
      line.event);
  if (line.fd >= 0) out += fmt::format(R"(,"fd":{})", line.fd);
  const auto token = line.token ? line.token : token_of(line.fd);
  if (token) {
    out += fmt::format(R"(,"token":"{}.{}")", token->slot, token->generation);
  }
  out += fmt::format(R"(,"n":{})", line.n);
  if (!line.detail.empty()) {
    out += fmt::format(R"(,"detail":"{}")", line.detail);
  }
  if (line.error != 0) {
    out += fmt::format(R"(,"error":"{}")", error_name(line.error));
  }
  std::string_view place = where.file_name();
  if (place.starts_with("./")) place.remove_prefix(2);  // a header, through -I.
  return out +
         fmt::format(R"(,"at":"{}:{}","thread":{}}})", place, where.line(),
                     thread_number()) +
         '\n';
}

}  // namespace

void start(const std::string& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC;
  file = check("open trace", ::open(path.c_str(), kFlags, 0644));
  detail::enabled = true;
  thread_number();  // main is thread 1
}

void write(Line line, Where where) noexcept {
  if (!on()) return;
  const int saved = errno;
  try {
    const std::string text = format(line, where);
    // Past sys on purpose, and a failure is ignored: see trace.hpp.
    [[maybe_unused]] const ssize_t n = ::write(file, text.data(), text.size());
  } catch (const std::exception&) {  // out of memory: this line is lost
  }
  errno = saved;
}

void remember(int fd, Token token) noexcept {
  if (!on()) return;
  try {
    const std::scoped_lock lock(tokens_mutex);
    tokens[fd] = token;
  } catch (const std::exception&) {  // out of memory: lines lack this token
  }
}

void forget(int fd) noexcept {
  if (!on()) return;
  const std::scoped_lock lock(tokens_mutex);
  tokens.erase(fd);
}

bool has_token(int fd) noexcept {
  const std::scoped_lock lock(tokens_mutex);
  return tokens.contains(fd);
}

}  // namespace tick::trace
