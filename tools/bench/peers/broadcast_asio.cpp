// Frames to everybody on standalone asio, with callbacks, after its chat
// example: a session has a queue of messages that it shares with the others.
// One write is under way at a time, with all that was waiting when it began.

#define ASIO_STANDALONE
#include <array>
#include <asio.hpp>
#include <cstddef>
#include <memory>
#include <set>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "common/program.hpp"
#include "tools/bench/peers/asio_listen.hpp"
#include "tools/bench/peers/framing.hpp"

namespace {

using asio::ip::tcp;

class Session;
using Room = std::set<std::shared_ptr<Session>>;

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Room& room)
      : socket_(std::move(socket)), room_(room) {}

  void start() {
    room_.insert(shared_from_this());
    read();
  }

 private:
  void read() {
    socket_.async_read_some(
        asio::buffer(buffer_),
        [self = shared_from_this()](std::error_code error, std::size_t n) {
          if (error || !self->take(n)) return self->leave();
          self->read();
        });
  }

  bool take(std::size_t size) {
    return input_.cut(std::span(buffer_).first(size),
                      [this](std::span<const char> frame) {
                        const peers::Message message = peers::share(frame);
                        for (const auto& member : room_) member->send(message);
                      });
  }

  void send(const peers::Message& message) {
    if (waiting_bytes_ > peers::kMaxPending) {
      std::error_code ignored;
      socket_.close(ignored);  // its read ends, and it leaves
      return;
    }
    waiting_.push_back(message);
    waiting_bytes_ += message->size();
    if (writing_.empty()) write();
  }

  void write() {
    writing_.swap(waiting_);
    waiting_bytes_ = 0;
    parts_.clear();
    for (const auto& message : writing_) {
      parts_.push_back(asio::buffer(*message));
    }
    asio::async_write(
        socket_, parts_,
        [self = shared_from_this()](std::error_code error, std::size_t) {
          self->writing_.clear();
          if (error) return self->leave();
          if (!self->waiting_.empty()) self->write();
        });
  }

  void leave() { room_.erase(shared_from_this()); }

  tcp::socket socket_;
  Room& room_;
  peers::Cutter input_;
  std::vector<peers::Message> waiting_;
  std::vector<peers::Message> writing_;
  std::vector<asio::const_buffer> parts_;  // of what is being written
  std::size_t waiting_bytes_ = 0;
  std::array<char, 64 * 1024> buffer_;
};

void accept(tcp::acceptor& acceptor, Room& room) {
  acceptor.async_accept(
      [&acceptor, &room](std::error_code error, tcp::socket socket) {
        if (!error) {
          socket.set_option(tcp::no_delay(true), error);
          std::make_shared<Session>(std::move(socket), room)->start();
        }
        accept(acceptor, room);
      });
}

void serve(const tick::Options& options) {
  asio::io_context context(1);  // one thread runs it
  Room room;
  tcp::acceptor acceptor = peers::listen(context, options);
  accept(acceptor, room);
  context.run();
}

}  // namespace

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Frames to everybody, on asio.",
                           tick::Accepts::basics, serve);
}
