// Echo on standalone asio, with callbacks: a session reads, writes all of it,
// and reads again.

#define ASIO_STANDALONE
#include <array>
#include <asio.hpp>
#include <cstddef>
#include <memory>
#include <system_error>
#include <utility>

#include "common/program.hpp"
#include "tools/bench/peers/asio_listen.hpp"

namespace {

using asio::ip::tcp;

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(tcp::socket socket) : socket_(std::move(socket)) {}

  void read() {
    socket_.async_read_some(
        asio::buffer(buffer_),
        [self = shared_from_this()](std::error_code error, std::size_t n) {
          if (!error) self->write(n);
        });
  }

 private:
  void write(std::size_t size) {
    asio::async_write(
        socket_, asio::buffer(buffer_, size),
        [self = shared_from_this()](std::error_code error, std::size_t) {
          if (!error) self->read();
        });
  }

  tcp::socket socket_;
  std::array<char, 64 * 1024> buffer_;
};

void accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([&acceptor](std::error_code error, tcp::socket socket) {
    if (!error) {
      socket.set_option(tcp::no_delay(true), error);
      std::make_shared<Session>(std::move(socket))->read();
    }
    accept(acceptor);
  });
}

void serve(const tick::Options& options) {
  asio::io_context context(1);  // one thread runs it
  tcp::acceptor acceptor = peers::listen(context, options);
  accept(acceptor);
  context.run();
}

}  // namespace

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Echo on asio, with callbacks.",
                           tick::Accepts::basics, serve);
}
