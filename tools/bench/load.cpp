// load: clients for an echo or multi-echo server, as fast as it answers.
//
//   load HOST PORT --clients 64 --size 64 --depth 1 --seconds 2 [--multi]
//     [--frames]
//
// Each client keeps `depth` messages under way: one goes out for each that
// came back whole. A byte names its sender, so every byte heard is checked: an
// echo client may hear only its own. With --multi all hear all, and a client
// sends its next message when its own came back. With --frames a message is a
// frame of that size, its length included.
//
// Prints one JSON object: messages heard back by their senders, bytes heard
// in all, seconds, and the CPU seconds of this program, so that nobody takes
// its limit for the server's.

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/endpoint.hpp"
#include "common/errors.hpp"
#include "common/file_descriptor.hpp"
#include "common/frame.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct Settings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::size_t clients = 64;
  std::size_t size = 64;
  std::size_t depth = 1;
  double seconds = 2;
  bool multi = false;
  bool frames = false;
};

struct Client {
  tick::FileDescriptor socket;
  unsigned char name = 0;
  std::size_t unsent = 0;  // bytes of messages begun and not yet written
  std::size_t heard = 0;   // own bytes of the message under way
  std::size_t place = 0;   // in the message that is being heard
  bool blocked = false;    // registered for writable as well
};

struct Totals {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Load {
 public:
  explicit Load(const Settings& settings)
      : settings_(settings),
        header_(settings.frames ? tick::kFrameHeader : 0),
        epoll_(tick::check("epoll_create1", ::epoll_create1(0))),
        buffer_(256 * 1024) {
    if (settings.size <= header_) {
      throw std::runtime_error("a frame of so few bytes says nothing");
    }
    const auto server = tick::Endpoint::resolve(settings.host, settings.port);
    clients_.resize(settings.clients);
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      connect(clients_[i], i, server);
    }
  }

  void run() {
    const auto end =
        Clock::now() + std::chrono::duration<double>(settings_.seconds);
    for (Client& client : clients_) send(client, settings_.depth);
    std::vector<epoll_event> events(1024);
    while (Clock::now() < end) {
      const int n = ::epoll_wait(epoll_.get(), events.data(),
                                 static_cast<int>(events.size()), 1000);
      if (n < 0 && errno != EINTR) tick::throw_errno("epoll_wait");
      for (int i = 0; i < n; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        Client& client = clients_[event.data.u64];
        if ((event.events & EPOLLOUT) != 0) flush(client);
        if ((event.events & ~EPOLLOUT) != 0) hear(client);
      }
    }
  }

  Totals totals() const { return totals_; }

 private:
  void connect(Client& client, std::size_t index,
               const tick::Endpoint& server) {
    client.socket = tick::FileDescriptor(
        tick::check("socket", ::socket(server.family(), SOCK_STREAM, 0)));
    client.name = static_cast<unsigned char>(1 + index % 255);
    tick::check("connect", ::connect(client.socket.get(), server.address(),
                                     server.size()));
    const int yes = 1;
    tick::check("setsockopt", ::setsockopt(client.socket.get(), IPPROTO_TCP,
                                           TCP_NODELAY, &yes, sizeof yes));
    tick::set_nonblocking(client.socket.get());
    watch(EPOLL_CTL_ADD, index, false);
  }

  void watch(int operation, std::size_t index, bool writable) {
    epoll_event event{};
    event.events = writable ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.u64 = index;
    tick::check("epoll_ctl", ::epoll_ctl(epoll_.get(), operation,
                                         clients_[index].socket.get(), &event));
  }

  void send(Client& client, std::size_t messages) {
    const bool waiting = client.unsent > 0;
    client.unsent += messages * settings_.size;
    if (!waiting) flush(client);
  }

  void flush(Client& client) {
    const auto index = static_cast<std::size_t>(&client - clients_.data());
    text_.assign(std::min(client.unsent, buffer_.size()), client.name);
    if (header_ > 0) write_lengths(client);
    const ssize_t n = ::write(client.socket.get(), text_.data(), text_.size());
    if (n < 0 && errno != EAGAIN) tick::throw_errno("write");
    if (n > 0) client.unsent -= static_cast<std::size_t>(n);
    const bool blocked = client.unsent > 0;
    if (blocked != client.blocked) watch(EPOLL_CTL_MOD, index, blocked);
    client.blocked = blocked;
  }

  // All messages have the same size, so what is unsent tells where each begins.
  void write_lengths(const Client& client) {
    const auto header = tick::encode_length(settings_.size - header_);
    std::size_t place =
        (settings_.size - client.unsent % settings_.size) % settings_.size;
    for (unsigned char& byte : text_) {
      if (place < header.size()) {
        byte = std::to_integer<unsigned char>(header[place]);
      }
      place = (place + 1) % settings_.size;
    }
  }

  void hear(Client& client) {
    const ssize_t n =
        ::read(client.socket.get(), buffer_.data(), buffer_.size());
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) tick::throw_errno("read");
    if (n == 0) throw std::runtime_error("the server closed a connection");
    totals_.bytes += static_cast<std::uint64_t>(n);
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      const std::size_t place = client.place;
      client.place = (place + 1) % settings_.size;
      if (place < header_) continue;
      if (buffer_[i] == client.name) {
        ++client.heard;
      } else if (!settings_.multi) {
        throw std::runtime_error("a client heard another client's byte");
      }
    }
    const std::size_t own = settings_.size - header_;
    const std::size_t whole = client.heard / own;
    client.heard %= own;
    totals_.messages += whole;
    if (whole > 0) send(client, whole);
  }

  Settings settings_;
  std::size_t header_;  // bytes of a message that are its length
  tick::FileDescriptor epoll_;
  std::vector<Client> clients_;
  std::vector<unsigned char> buffer_;  // heard
  std::vector<unsigned char> text_;    // to be sent
  Totals totals_;
};

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("Clients for an echo or multi-echo server.");
  app.add_option("host", settings.host)->required();
  app.add_option("port", settings.port)->required();
  app.add_option("--clients", settings.clients, "connections [64]")
      ->check(CLI::Range(1, 60000));
  app.add_option("--size", settings.size, "bytes a message [64]")
      ->check(CLI::Range(1, 64 << 20));
  app.add_option("--depth", settings.depth, "messages under way each [1]")
      ->check(CLI::Range(1, 1024));
  app.add_option("--seconds", settings.seconds, "how long [2]")
      ->check(CLI::Range(0.1, 60.0));
  app.add_flag("--multi", settings.multi, "all hear all (255 clients at most)");
  app.add_flag("--frames", settings.frames, "messages are frames");
  CLI11_PARSE(app, argc, argv);
  try {
    if (settings.multi && settings.clients > 255) {
      throw std::runtime_error("--multi tells at most 255 clients apart");
    }
    Load load(settings);
    const auto start = Clock::now();
    const double cpu = cpu_seconds();
    load.run();
    const std::chrono::duration<double> seconds = Clock::now() - start;
    std::printf(
        R"({"messages":%llu,"bytes":%llu,"seconds":%.4f,"load_cpu":%.4f})"
        "\n",
        static_cast<unsigned long long>(load.totals().messages),
        static_cast<unsigned long long>(load.totals().bytes), seconds.count(),
        cpu_seconds() - cpu);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load: %s\n", error.what());
    return 1;
  }
}
