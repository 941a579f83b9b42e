#include "tools/bench/generator/measure.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include "common/errors.hpp"
#include "tools/bench/generator/machine.hpp"
#include "tools/bench/generator/traffic.hpp"

namespace bench {
namespace {

constexpr std::size_t kOtherDescriptors = 16;  // ours, beside the connections
constexpr Time kLookAround = 100'000'000;      // how often for what is late
constexpr double kAnswerSeconds = 60;          // for who asked to be asked

std::size_t connections(const Settings& settings) {
  return settings.clients + settings.idle;
}

// With --ask: says where we are, and goes on when told to.
void ask(const Settings& settings, const char* where) {
  if (!settings.ask) return;
  std::puts(where);
  std::fflush(stdout);
  const Time end = now() + nanoseconds(kAnswerSeconds);
  for (char byte = 0; byte != '\n';) {
    pollfd wait{STDIN_FILENO, POLLIN, 0};
    const Time left = std::max<Time>(0, end - now());
    const int n = ::poll(&wait, 1, static_cast<int>(left / 1'000'000));
    if (interrupted()) throw Failure(Status::interrupted, "interrupted");
    if (n <= 0 || ::read(STDIN_FILENO, &byte, 1) != 1) {
      throw Failure(Status::set_up,
                    std::string("no line on standard input after ") + where);
    }
  }
}

class Run {
 public:
  Run(const Settings& settings, Result& result)
      : bench_(settings, connections(settings)), result_(result) {}

  void prepare();
  void measure();

 private:
  void part(double seconds, std::uint64_t messages);
  void turn(int milliseconds);

  Bench bench_;
  Result& result_;
  std::unique_ptr<Traffic> traffic_ = make_traffic(bench_);
  Time look_around_ = 0;
};

void Run::turn(int milliseconds) {
  ++bench_.tally.waits;
  for (const epoll_event& event : bench_.watch.wait(milliseconds)) {
    traffic_->ready(event.data.u64, event.events);
  }
  if (interrupted()) throw Failure(Status::interrupted, "interrupted");
}

// Lasts until all that was begun has come back: nothing is under way when it
// begins, and nothing when it ends.
void Run::part(double seconds, std::uint64_t messages) {
  bench_.budget.allow(seconds, messages);
  traffic_->start();
  const bool talks = bench_.settings.clients > 0;
  while (talks ? !traffic_->quiet() : now() < bench_.budget.stop()) {
    turn(50);
    const Time time = now();
    if (time < look_around_) continue;
    traffic_->check_patience(time);
    look_around_ = time + kLookAround;
  }
  turn(0);  // does more come than was sent?
}

void Run::prepare() {
  const Time start = now();
  traffic_->open();
  result_.connecting = to_seconds(now() - start);
  if (bench_.settings.warmup > 0) part(bench_.settings.warmup, 0);
  ask(bench_.settings, "begin");
}

void Run::measure() {
  bench_.tally.clear();
  bench_.tally.keep_each = !bench_.settings.latencies.empty();
  const Time start = now();
  const double cpu = cpu_seconds();
  const auto stop = [&] {
    result_.seconds = to_seconds(now() - start);
    result_.cpu_seconds = cpu_seconds() - cpu;
    result_.tally = std::move(bench_.tally);
  };
  try {
    part(bench_.settings.seconds, bench_.settings.messages);
  } catch (...) {
    stop();
    throw;
  }
  stop();
  ask(bench_.settings, "end");
}

}  // namespace

Result measure(const Settings& settings) {
  Result result;
  try {
    if (settings.cpu >= 0) stay_on(settings.cpu);
    raise_descriptors(connections(settings) + kOtherDescriptors);
    catch_signals();
    Run run(settings, result);
    run.prepare();
    run.measure();
  } catch (const Failure& failure) {
    result.status = failure.status;
    result.error = failure.what();
  } catch (const std::system_error& error) {
    result.status = Status::set_up;
    result.error = error.what();
  }
  return result;
}

}  // namespace bench
