// Churn: connect, one message there and back, close; so many at a time.
//
// A latency is the time from connect(2) until the whole message is back. The
// client closes first, so the end of the connection that has to be remembered
// for a minute is the client's (TIME_WAIT), and the server pays for none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/file_descriptor.hpp"
#include "tools/bench/generator/failure.hpp"
#include "tools/bench/generator/pattern.hpp"
#include "tools/bench/generator/traffic.hpp"

namespace bench {

class Churn final : public Traffic {
 public:
  explicit Churn(Bench& bench);

  void open() override {}
  void start() override;
  void ready(std::size_t index, std::uint32_t events) override;
  [[nodiscard]] bool quiet() const override { return open_ == 0; }
  void check_patience(Time time) override;

 private:
  struct Caller {
    tick::FileDescriptor socket;
    std::uint64_t number = 0;  // of the connection, since the run began
    std::size_t sent = 0;
    std::size_t heard = 0;
    Time began = 0;
    std::uint32_t waits_for = 0;  // EPOLLIN, EPOLLOUT or both
  };

  void call(std::size_t index, Time time);
  void write(std::size_t index);
  void read(std::size_t index);
  void watch(std::size_t index);
  // Each connection sends another piece of the pattern.
  static std::uint64_t origin(const Caller& caller) {
    return caller.number * 1'021;
  }
  [[noreturn]] void fail(Status status, const Caller& caller,
                         const std::string& what) const;

  Bench& bench_;
  Pattern pattern_;
  std::vector<Caller> callers_;
  std::vector<std::byte> buffer_;
  std::size_t open_ = 0;  // callers with a connection
};

}  // namespace bench
