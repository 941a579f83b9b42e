// Echo on a loop around select(2). It has room for descriptors below
// FD_SETSIZE, 1,024; who would get a higher one is turned away.

#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <vector>

#include "common/errors.hpp"
#include "common/listener.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "tools/bench/peers/listen.hpp"

namespace {

class Server {
 public:
  explicit Server(const tick::Options& options)
      : listener_(peers::listen(options)), highest_(listener_.fd()) {
    FD_SET(listener_.fd(), &reading_);
    tick::announce(listener_);
  }

  void run() {
    for (;;) {
      fd_set readable = reading_;
      fd_set writable = writing_;
      const int last = highest_;
      if (::select(last + 1, &readable, &writable, nullptr, nullptr) < 0) {
        tick::throw_errno("select");
      }
      for (int fd = 0; fd <= last; ++fd) {
        if (FD_ISSET(fd, &writable)) flush(fd);
        if (!FD_ISSET(fd, &readable)) continue;
        if (fd == listener_.fd()) {
          accept();
        } else {
          echo(fd);
        }
      }
    }
  }

 private:
  void accept() {
    const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_NONBLOCK);
    if (fd >= FD_SETSIZE) ::close(fd);
    if (fd < 0 || fd >= FD_SETSIZE) return;
    FD_SET(fd, &reading_);
    highest_ = std::max(highest_, fd);
  }

  void echo(int fd) {
    const ssize_t n = ::read(fd, buffer_.data(), buffer_.size());
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return close(fd);
    ssize_t sent = ::write(fd, buffer_.data(), static_cast<std::size_t>(n));
    if (sent == n) return;
    if (sent < 0 && errno != EAGAIN) return close(fd);
    if (sent < 0) sent = 0;
    rest(fd).assign(buffer_.data() + sent, buffer_.data() + n);
    FD_CLR(fd, &reading_);
    FD_SET(fd, &writing_);
  }

  void flush(int fd) {
    std::vector<char>& waiting = rest(fd);
    const ssize_t n = ::write(fd, waiting.data(), waiting.size());
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return close(fd);
    waiting.erase(waiting.begin(), waiting.begin() + n);
    if (!waiting.empty()) return;
    FD_CLR(fd, &writing_);
    FD_SET(fd, &reading_);
  }

  void close(int fd) {
    rest(fd).clear();
    FD_CLR(fd, &reading_);
    FD_CLR(fd, &writing_);
    ::close(fd);
  }

  std::vector<char>& rest(int fd) {
    return rest_[static_cast<std::size_t>(fd)];
  }

  tick::Listener listener_;
  int highest_;
  fd_set reading_{};
  fd_set writing_{};
  std::array<std::vector<char>, FD_SETSIZE> rest_;  // by descriptor
  std::array<char, 64 * 1024> buffer_;
};

void serve(const tick::Options& options) {
  tick::ignore_sigpipe();
  Server(options).run();
}

}  // namespace

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Echo on a loop around select.",
                           tick::Accepts::basics, serve);
}
