// Echo on a loop around poll(2). What a full send buffer does not take waits,
// and nothing more is read meanwhile.

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>
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
      : listener_(peers::listen(options)) {
    add(listener_.fd());
    tick::announce(listener_);
  }

  void run() {
    for (;;) {
      int ready = ::poll(polled_.data(), polled_.size(), -1);
      if (ready < 0) tick::throw_errno("poll");
      // From the back: who leaves is replaced by the last, who has been seen.
      for (std::size_t i = polled_.size(); ready > 0 && i-- > 0;) {
        if (polled_[i].revents == 0) continue;
        --ready;
        if (i == 0) {
          accept();
        } else if (!(waiting_[i].empty() ? echo(i) : flush(i))) {
          remove(i);
        }
      }
    }
  }

 private:
  void add(int fd) {
    polled_.push_back({fd, POLLIN, 0});
    waiting_.emplace_back();
  }

  void accept() {
    const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_NONBLOCK);
    if (fd >= 0) add(fd);
  }

  bool echo(std::size_t i) {
    const int fd = polled_[i].fd;
    const ssize_t n = ::read(fd, buffer_.data(), buffer_.size());
    if (n < 0 && errno == EAGAIN) return true;
    if (n <= 0) return false;
    ssize_t sent = ::write(fd, buffer_.data(), static_cast<std::size_t>(n));
    if (sent == n) return true;
    if (sent < 0 && errno != EAGAIN) return false;
    if (sent < 0) sent = 0;
    waiting_[i].assign(buffer_.data() + sent, buffer_.data() + n);
    polled_[i].events = POLLOUT;
    return true;
  }

  bool flush(std::size_t i) {
    std::vector<char>& rest = waiting_[i];
    const ssize_t n = ::write(polled_[i].fd, rest.data(), rest.size());
    if (n < 0) return errno == EAGAIN;
    rest.erase(rest.begin(), rest.begin() + n);
    if (rest.empty()) polled_[i].events = POLLIN;
    return true;
  }

  void remove(std::size_t i) {
    ::close(polled_[i].fd);
    polled_[i] = polled_.back();
    polled_.pop_back();
    std::swap(waiting_[i], waiting_.back());
    waiting_.pop_back();
  }

  tick::Listener listener_;
  std::vector<pollfd> polled_;              // the first is the listener
  std::vector<std::vector<char>> waiting_;  // the same places
  std::array<char, 64 * 1024> buffer_;
};

void serve(const tick::Options& options) {
  tick::ignore_sigpipe();
  Server(options).run();
}

}  // namespace

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Echo on a loop around poll.",
                           tick::Accepts::basics, serve);
}
