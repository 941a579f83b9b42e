// Chorus: some clients write, and all hear everything, the writers too.
//
// The next message of a writer goes out when its own came back to it. Others
// may hear it later: a writer is at most kAhead messages ahead of the last one.
// A latency is measured for each client that hears a message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tools/bench/generator/streams.hpp"

namespace bench {

class Chorus : public Streams {
 public:
  void start() final;
  [[nodiscard]] bool quiet() const final { return missing_ == 0; }
  void check_patience(Time time) final;

 protected:
  explicit Chorus(Bench& bench);

  // Bytes that the server may relay before the first message, so that each
  // client learns that it is served.
  [[nodiscard]] virtual std::span<const std::byte> probe() const = 0;
  // The next message of the writer that the client is to hear.
  [[nodiscard]] virtual std::uint64_t next(std::size_t client,
                                           std::size_t writer) const = 0;
  virtual void take(std::size_t client, std::span<const std::byte> bytes,
                    Time time) = 0;

  // For take(): what was heard.
  void heard_probe(std::size_t client);
  void heard(std::size_t client, std::size_t writer, std::uint64_t message,
             Time time);

  [[nodiscard]] std::size_t writers() const { return sources_.size(); }
  [[nodiscard]] std::uint64_t begun(std::size_t writer) const {
    return sources_[writer].begun;
  }

 private:
  static constexpr std::size_t kAhead = 1024;  // no less than --depth may be

  struct Source {
    std::uint64_t begun = 0;     // messages
    std::uint64_t done = 0;      // the first so many have reached everybody
    std::size_t under_way = 0;   // have not come back to their writer
    bool may_have_more = false;  // is on the list of those to look at
  };
  struct Flight {
    Time began = 0;
    std::size_t heard = 0;  // by so many clients
  };

  void hear(std::size_t client, std::span<const std::byte> bytes,
            Time time) final;
  void join() final;
  void send_probe();
  void fill(std::size_t writer, Time time);
  void look_at(std::size_t writer);
  [[nodiscard]] bool has_room(std::size_t writer);
  Flight& flight(std::size_t writer, std::uint64_t message) {
    return flights_[writer * kAhead + message % kAhead];
  }

  std::vector<Source> sources_;
  std::vector<Flight> flights_;
  std::vector<std::size_t> look_at_;  // writers that may begin more
  std::uint64_t missing_ = 0;         // deliveries that are still to come

  std::vector<std::uint64_t> probes_;  // heard by each client
  std::uint64_t probes_sent_ = 0;
  std::size_t joined_ = 0;  // clients that have heard one
};

}  // namespace bench
