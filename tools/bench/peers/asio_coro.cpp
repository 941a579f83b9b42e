// Echo on standalone asio, with coroutines.

#define ASIO_STANDALONE
#include <array>
#include <asio.hpp>
#include <cstddef>
#include <system_error>
#include <utility>

#include "common/program.hpp"
#include "tools/bench/peers/asio_listen.hpp"

#ifndef ASIO_HAS_CO_AWAIT
#error "this asio has no coroutines for this compiler; g++ 10 or later does"
#endif

namespace {

using asio::ip::tcp;

asio::awaitable<void> echo(tcp::socket socket) {
  std::array<char, 64 * 1024> buffer;
  try {
    socket.set_option(tcp::no_delay(true));
    for (;;) {
      const std::size_t n = co_await socket.async_read_some(
          asio::buffer(buffer), asio::use_awaitable);
      co_await asio::async_write(socket, asio::buffer(buffer, n),
                                 asio::use_awaitable);
    }
  } catch (const std::system_error&) {  // the client is gone
  }
}

asio::awaitable<void> accept(tcp::acceptor acceptor) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), echo(std::move(socket)),
                   asio::detached);
  }
}

void serve(const tick::Options& options) {
  asio::io_context context(1);  // one thread runs it
  asio::co_spawn(context, accept(peers::listen(context, options)),
                 asio::detached);
  context.run();
}

}  // namespace

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Echo on asio, with coroutines.",
                           tick::Accepts::basics, serve);
}
