// Where: the source line that made a call, for the trace.
//
// As std::source_location, which clang 14 cannot offer with libstdc++. Used as
// a last parameter with the default Where::current(), it is the caller's line.
#pragma once

namespace tick {

class Where {
 public:
  constexpr Where() noexcept = default;  // nowhere
  static constexpr Where current(const char* file = __builtin_FILE(),
                                 unsigned line = __builtin_LINE()) noexcept {
    return Where(file, line);
  }

  [[nodiscard]] constexpr const char* file_name() const noexcept {
    return file_;
  }
  [[nodiscard]] constexpr unsigned line() const noexcept { return line_; }

 private:
  constexpr Where(const char* file, unsigned line) noexcept
      : file_(file), line_(line) {}

  const char* file_ = "?";  // as the compiler was told: relative to the root
  unsigned line_ = 0;
};

}  // namespace tick
