// Streams: clients whose connections last as long as the run; what they say
// and what they must hear is the derived class's.
//
// A message costs a write and a read of ours and its share of an epoll_wait:
// what came is checked where it was read, the next message is written at once,
// and interest in writability exists only while a send buffer is full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/file_descriptor.hpp"
#include "tools/bench/generator/failure.hpp"
#include "tools/bench/generator/traffic.hpp"

namespace bench {

class Streams : public Traffic {
 public:
  void open() final;
  void ready(std::size_t index, std::uint32_t events) final;

 protected:
  explicit Streams(Bench& bench);

  // What client `client` sends at this place of its stream: at most `most`
  // bytes, at least one. Valid until the next call.
  virtual std::span<const std::byte> text(std::size_t client,
                                          std::uint64_t position,
                                          std::size_t most) = 0;

  // The client has read these bytes. Checks them, and begins what may follow.
  virtual void hear(std::size_t client, std::span<const std::byte> bytes,
                    Time time) = 0;

  // What the client hears next if all is well, for a failure's line.
  [[nodiscard]] virtual std::string expected(std::size_t client) const = 0;

  // Called when all are connected; returns when the server serves all.
  virtual void join() {}

  // So many messages more are to be sent.
  void begin(std::size_t client, std::uint64_t messages) {
    clients_[client].due += messages * bench_.settings.size;
  }
  void flush(std::size_t client);
  // Handles what is ready, once; waits at most so many milliseconds.
  void turn(int milliseconds);

  // Bytes of whole messages begun.
  [[nodiscard]] std::uint64_t due(std::size_t client) const {
    return clients_[client].due;
  }
  [[nodiscard]] int fd(std::size_t client) const {
    return clients_[client].socket.get();
  }

  [[noreturn]] void fail(Status status, std::size_t client,
                         const std::string& what) const;
  // The byte that came is not the one that was expected.
  [[noreturn]] void fail_byte(std::size_t client, std::byte came,
                              std::byte wanted) const;

  Bench& bench_;

 private:
  struct Client {
    tick::FileDescriptor socket;
    std::uint64_t due = 0;   // bytes of messages begun
    std::uint64_t sent = 0;  // of them written
    bool blocked = false;    // waits for room to write the rest
  };

  void read(std::size_t client);
  [[noreturn]] void lost(std::size_t client, int error) const;
  [[noreturn]] void fail_idle(std::size_t number) const;

  std::vector<Client> clients_;
  std::vector<tick::FileDescriptor> idle_;
  std::vector<std::byte> buffer_;
};

}  // namespace bench
