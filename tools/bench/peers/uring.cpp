// Echo on io_uring with liburing: one multishot accept; for each client one
// multishot receive, into buffers that all share, and one send at a time,
// straight from the buffer that came. Needs Linux 6.1.

#include <liburing.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <vector>

#include "common/listener.hpp"
#include "common/program.hpp"
#include "tools/bench/peers/listen.hpp"
#include "tools/bench/peers/uring_ring.hpp"

namespace {

using peers::Operation;

struct Piece {  // of what came
  unsigned buffer;
  unsigned size;
};

struct Client {
  std::vector<Piece> pieces;  // the first is being sent
  bool ended = false;         // nothing more comes
};

class Server {
 public:
  explicit Server(const tick::Options& options)
      : listener_(peers::listen(options)) {
    accept();
    tick::announce(listener_);
  }

  void run() {
    for (;;) {
      ring_.turn([this](Operation operation, int fd, const io_uring_cqe& done) {
        switch (operation) {
          case Operation::accept:
            return accepted(done);
          case Operation::receive:
            return received(fd, done);
          case Operation::send:
            return sent(fd, done);
        }
      });
    }
  }

 private:
  void accept() {
    io_uring_prep_multishot_accept(
        ring_.entry(Operation::accept, listener_.fd()), listener_.fd(), nullptr,
        nullptr, 0);
  }

  void receive(int fd) {
    io_uring_sqe* sqe = ring_.entry(Operation::receive, fd);
    io_uring_prep_recv_multishot(sqe, fd, nullptr, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
  }

  // MSG_WAITALL: the kernel goes on until everything is sent.
  void send(int fd, Piece piece) {
    io_uring_prep_send(ring_.entry(Operation::send, fd), fd,
                       ring_.buffer(piece.buffer), piece.size,
                       MSG_WAITALL | MSG_NOSIGNAL);
  }

  void accepted(const io_uring_cqe& done) {
    if ((done.flags & IORING_CQE_F_MORE) == 0) accept();
    if (done.res < 0) return;
    const auto slots = static_cast<std::size_t>(done.res) + 1;
    if (clients_.size() < slots) clients_.resize(slots);
    receive(done.res);
  }

  void received(int fd, const io_uring_cqe& done) {
    Client& client = clients_[static_cast<std::size_t>(fd)];
    if (done.res > 0) {
      const Piece piece{done.flags >> IORING_CQE_BUFFER_SHIFT,
                        static_cast<unsigned>(done.res)};
      client.pieces.push_back(piece);
      if (client.pieces.size() == 1) send(fd, piece);
    }
    if ((done.flags & IORING_CQE_F_MORE) != 0) return;
    if (done.res == -ENOBUFS) {
      starved_.push_back(fd);
    } else if (done.res > 0) {
      receive(fd);
    } else {
      client.ended = true;
      close_if_over(fd, client);
    }
  }

  void sent(int fd, const io_uring_cqe& done) {
    Client& client = clients_[static_cast<std::size_t>(fd)];
    const Piece piece = client.pieces.front();
    client.pieces.erase(client.pieces.begin());
    give_back(piece.buffer);
    if (done.res < 0) ::shutdown(fd, SHUT_RD);  // ends the receive as well
    if (!client.pieces.empty()) send(fd, client.pieces.front());
    close_if_over(fd, client);
  }

  static void close_if_over(int fd, Client& client) {
    if (!client.ended || !client.pieces.empty()) return;
    client = Client();
    ::close(fd);
  }

  void give_back(unsigned buffer) {
    ring_.give_back(buffer);
    while (!starved_.empty()) {
      receive(starved_.back());
      starved_.pop_back();
    }
  }

  tick::Listener listener_;
  peers::Ring ring_;
  std::vector<Client> clients_;  // by descriptor
  std::vector<int> starved_;     // found no buffer to receive into
};

void serve(const tick::Options& options) { Server(options).run(); }

}  // namespace

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Echo on io_uring.",
                           tick::Accepts::basics, serve);
}
