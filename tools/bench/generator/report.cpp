#include "tools/bench/generator/report.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <memory>

#include "common/errors.hpp"

namespace bench {
namespace {

std::string quoted(const std::string& text) {
  std::string line = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') line += '\\';
    line += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return line + '"';
}

double a_second(std::uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

std::string load_of(const Settings& s) {
  return fmt::format(
      R"("mode":{},"clients":{},"idle":{},"writers":{},"size":{},"depth":{})",
      quoted(s.mode_name), s.clients, s.idle, s.writers, s.size, s.depth);
}

std::string counters_of(const Result& r) {
  const Tally& t = r.tally;
  return fmt::format(
      R"("messages":{},"deliveries":{},"bytes_sent":{},"bytes_heard":{},)"
      R"("seconds":{:.9f},"rate":{:.1f},"delivery_rate":{:.1f},)"
      R"("load_cpu":{:.9f},"load_share":{:.4f},"connecting":{:.6f},)"
      R"("reads":{},"writes":{},"waits":{})",
      t.messages, t.deliveries, t.bytes_sent, t.bytes_heard, r.seconds,
      a_second(t.messages, r.seconds), a_second(t.deliveries, r.seconds),
      r.cpu_seconds, r.seconds > 0 ? r.cpu_seconds / r.seconds : 0,
      r.connecting, t.reads, t.writes, t.waits);
}

std::string latencies_of(const Histogram& h) {
  const auto us = [&h](double share) { return h.percentile(share) / 1000; };
  return fmt::format(
      R"("latency_us":{{"count":{},"mean":{:.3f},"p50":{:.3f},"p90":{:.3f},)"
      R"("p99":{:.3f},"p99.9":{:.3f},"max":{:.3f}}})",
      h.count(), h.mean() / 1000, us(0.5), us(0.9), us(0.99), us(0.999),
      static_cast<double>(h.most()) / 1000);
}

std::string histogram_of(const Histogram& h) {
  std::string line = R"(,"histogram_us":[)";
  const char* comma = "";
  for (const auto& part : h.parts()) {
    line += fmt::format("{}[{:.3f},{}]", comma, part.middle / 1000, part.count);
    comma = ",";
  }
  return line + ']';
}

}  // namespace

std::string to_json(const Settings& settings, const Result& result) {
  return fmt::format(
      R"({{{},"ok":{},"status":{},"errors":{},"error":{},{},{}{}}})",
      load_of(settings), result.status == Status::ok,
      static_cast<int>(result.status), result.status == Status::ok ? 0 : 1,
      quoted(result.error), counters_of(result),
      latencies_of(result.tally.latencies),
      settings.histogram ? histogram_of(result.tally.latencies) : "");
}

void write_latencies(const std::string& path, const Tally& tally) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(path.c_str(), "w"), std::fclose);
  if (!file) tick::throw_errno("open " + path);
  for (const Time latency : tally.each) {
    fmt::print(file.get(), "{}\n", latency);
  }
}

}  // namespace bench
