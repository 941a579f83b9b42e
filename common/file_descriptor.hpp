// FileDescriptor: owns one descriptor and closes it exactly once.
#pragma once

namespace tick {

class FileDescriptor {
 public:
  FileDescriptor() noexcept = default;              // owns nothing
  explicit FileDescriptor(int fd) noexcept;         // takes over; -1 is nothing
  FileDescriptor(FileDescriptor&& other) noexcept;  // `other` owns nothing then
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }

  // Closes what is owned, if anything. An error of close(2) is not reported:
  // the descriptor is gone all the same, and Linux forbids a second try.
  void reset() noexcept;

 private:
  int fd_ = -1;
};

// Makes reads, writes and accepts on `fd` return EAGAIN instead of waiting.
// The flag belongs to the open file, so every dup(2) of it sees the change.
void set_nonblocking(int fd);

}  // namespace tick
