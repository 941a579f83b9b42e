#include "tools/bench/generator/chorus.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <utility>

#include "tools/bench/generator/machine.hpp"

namespace bench {
namespace {

constexpr Time kProbeAgain = 50'000'000;  // 50 ms

}  // namespace

Chorus::Chorus(Bench& bench)
    : Streams(bench),
      sources_(bench.settings.writers),
      flights_(bench.settings.writers * kAhead),
      probes_(bench.settings.clients) {
  look_at_.reserve(bench.settings.writers);
}

// A connection that connect(2) calls established may still wait for accept(2):
// what is said meanwhile, its client does not hear.
void Chorus::join() {
  const Time begin = now();
  Time again = begin;
  while (joined_ < probes_.size()) {
    const Time time = now();
    if (time >= again) {
      send_probe();
      again = time + kProbeAgain;
    }
    turn(10);
    if (interrupted()) throw Failure(Status::interrupted, "interrupted");
    if (time - begin < nanoseconds(bench_.settings.patience)) continue;
    std::size_t deaf = 0;
    while (probes_[deaf] > 0) ++deaf;
    fail(Status::server, deaf,
         fmt::format("hears nothing of what client {} says, expected all of it",
                     probes_.size() - 1));
  }
}

void Chorus::send_probe() {
  const std::size_t client = probes_.size() - 1;
  const auto bytes = probe();
  const ssize_t n = ::write(fd(client), bytes.data(), bytes.size());
  if (n != static_cast<ssize_t>(bytes.size())) {
    fail(Status::server, client, "cannot write its first bytes");
  }
  ++probes_sent_;
}

void Chorus::heard_probe(std::size_t client) {
  if (probes_[client] == probes_sent_) {
    fail(Status::wrong_bytes, client, "heard one probe more than were sent");
  }
  if (probes_[client]++ == 0) ++joined_;
}

void Chorus::start() {
  for (std::size_t w = 0; w < sources_.size(); ++w) fill(w, now());
}

bool Chorus::has_room(std::size_t writer) {
  const std::uint64_t message = sources_[writer].begun;
  return message < kAhead || flight(writer, message).heard == probes_.size();
}

void Chorus::fill(std::size_t writer, Time time) {
  Source& source = sources_[writer];
  std::uint64_t more = 0;
  while (source.under_way < bench_.settings.depth && has_room(writer) &&
         bench_.budget.take(1, time) > 0) {
    flight(writer, source.begun++) = {time, 0};
    ++source.under_way;
    ++more;
  }
  if (more == 0) return;
  missing_ += more * probes_.size();
  begin(writer, more);
  flush(writer);
}

void Chorus::look_at(std::size_t writer) {
  if (std::exchange(sources_[writer].may_have_more, true)) return;
  look_at_.push_back(writer);
}

void Chorus::heard(std::size_t client, std::size_t writer,
                   std::uint64_t message, Time time) {
  Flight& way = flight(writer, message);
  bench_.tally.delivered(time - way.began);
  ++way.heard;
  --missing_;
  Source& source = sources_[writer];
  if (client == writer) {
    ++bench_.tally.messages;
    --source.under_way;
  }
  if (client == writer || source.begun - message == kAhead) look_at(writer);
}

void Chorus::hear(std::size_t client, std::span<const std::byte> bytes,
                  Time time) {
  take(client, bytes, time);
  for (const std::size_t writer : look_at_) {
    sources_[writer].may_have_more = false;
    fill(writer, time);
  }
  look_at_.clear();
}

void Chorus::check_patience(Time time) {
  for (std::size_t w = 0; w < sources_.size(); ++w) {
    Source& source = sources_[w];
    while (source.done < source.begun &&
           flight(w, source.done).heard == probes_.size()) {
      ++source.done;
    }
    if (source.done == source.begun) continue;
    const Time waited = time - flight(w, source.done).began;
    if (waited <= nanoseconds(bench_.settings.patience)) continue;
    std::size_t client = 0;
    while (next(client, w) > source.done) ++client;
    fail(Status::server, client,
         fmt::format("has waited {:.1f} s for message {} of client {}, "
                     "expected {}",
                     to_seconds(waited), source.done, w, expected(client)));
  }
}

}  // namespace bench
