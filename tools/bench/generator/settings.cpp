#include "tools/bench/generator/settings.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include "tools/bench/generator/failure.hpp"
#include "tools/bench/generator/frame_start.hpp"
#include "tools/bench/generator/multi_echo.hpp"

namespace bench {
namespace {

const std::map<std::string, Mode>& modes() {
  static const std::map<std::string, Mode> words = {
      {"echo", Mode::echo},
      {"multi-echo", Mode::multi_echo},
      {"broadcast", Mode::broadcast},
      {"churn", Mode::churn},
      {"idle", Mode::idle}};
  return words;
}

constexpr const char* kAbout =
    "Clients for a server, as fast as it answers. What they do is MODE:\n"
    "  echo        each hears its own bytes back\n"
    "  multi-echo  all hear the bytes of all writers\n"
    "  broadcast   the same in frames (docs/wire-format.adoc)\n"
    "  churn       connect, one message there and back, close\n"
    "  idle        echo beside --idle connections that say nothing\n"
    "Each writer has --depth messages under way: one goes out for each that\n"
    "came back to it. Every byte heard is checked. Prints one line of JSON.\n"
    "Exit status: 3 the server closed a connection or did not answer, 4 wrong\n"
    "bytes, 5 too few descriptors or ports; the counters are printed anyway.";

std::string refuse_empty(const std::string& word) {
  return word.empty() ? "empty, needs a number" : "";
}

class Reader {
 public:
  Reader() : app_(kAbout, "build/tools/bench/load") {
    app_.get_formatter()->column_width(26);
  }

  template <class Value>
  void number(const char* name, Value& value, const char* about, Value least,
              Value most) {
    app_.add_option(name, value, about)
        ->option_text("N")
        ->check(refuse_empty)
        ->check(CLI::Range(least, most));
  }

  void add_all();
  Settings parse(int argc, char** argv);

 private:
  void add_shape();
  void add_time();

  CLI::App app_;
  Settings read_;
};

void Reader::add_shape() {
  constexpr std::size_t kMost = 1'000'000;
  number("--clients", read_.clients,
         "that talk; churn: connections under way [64]", std::size_t{0}, kMost);
  number("--idle", read_.idle, "connections that say nothing [0]",
         std::size_t{0}, kMost);
  number("--writers", read_.writers, "of the clients [all]", std::size_t{1},
         kMost);
  number("--size", read_.size,
         "bytes a message, a frame's length included [64]", std::size_t{1},
         std::size_t{64} << 20);
  number("--depth", read_.depth, "messages under way for each writer [1]",
         std::size_t{1}, std::size_t{1024});
}

void Reader::add_time() {
  number("--seconds", read_.seconds, "to measure [2]", 0.01, 3600.0);
  number("--messages", read_.messages,
         "stop after so many; without --seconds nothing else stops",
         std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max());
  number("--warmup", read_.warmup, "seconds before, not measured [0.2]", 0.0,
         60.0);
  number("--patience", read_.patience,
         "seconds without an answer that make a stall [10]", 0.05, 600.0);
}

void Reader::add_all() {
  app_.add_option_function<std::string>(
          "mode",
          [this](const std::string& word) {
            read_.mode_name = word;
            read_.mode = modes().at(word);
          },
          "what the clients do")
      ->option_text("MODE")
      ->required()
      ->check(CLI::IsMember(modes()));
  app_.add_option("--host", read_.host, "the server's [127.0.0.1]")
      ->option_text("HOST");
  number("--port", read_.port, "the server's, needed", std::uint16_t{1},
         std::uint16_t{65535});
  add_shape();
  add_time();
  number("--cpu", read_.cpu, "core to stay on", 0, 4095);
  number("--sources", read_.sources,
         "addresses 127.0.0.x to connect from [as needed]", std::size_t{1},
         std::size_t{250});
  app_.add_flag("--ask", read_.ask,
                "before and after what is measured, print `begin` and `end` "
                "and wait for a line on standard input");
  app_.add_flag("--histogram", read_.histogram,
                "print the latencies' histogram as well");
  app_.add_option("--latencies", read_.latencies,
                  "write each latency to this file, in nanoseconds")
      ->option_text("FILE");
}

[[noreturn]] void refuse(const std::string& line) {
  throw Failure(Status::bad_options, line);
}

void check_clients(const Settings& s) {
  if (s.clients == 0 && (s.mode != Mode::idle || s.messages > 0)) {
    refuse("0 clients say nothing");
  }
  const bool talks_alone = s.mode == Mode::echo || s.mode == Mode::idle;
  if (s.idle > 0 && !talks_alone) {
    refuse("--idle is for idle and echo");
  }
  if (s.writers > s.clients) {
    refuse(fmt::format("{} writers of {} clients", s.writers, s.clients));
  }
  const bool all_hear_all =
      s.mode == Mode::multi_echo || s.mode == Mode::broadcast;
  if (!all_hear_all && s.writers != s.clients) {
    refuse("--writers is for multi-echo and broadcast");
  }
}

void check(const Settings& s) {
  if (s.port == 0) refuse("--port is needed");
  check_clients(s);
  if (s.mode == Mode::multi_echo && s.writers > MultiEcho::kMostWriters) {
    refuse(fmt::format("the bytes of at most {} writers can be told apart",
                       MultiEcho::kMostWriters));
  }
  if (s.mode == Mode::broadcast && s.size < kFrameStart) {
    refuse(
        fmt::format("a frame needs {} bytes to say who sent it", kFrameStart));
  }
  if (s.mode == Mode::churn && s.depth > 1) {
    refuse("churn sends one message a connection");
  }
}

Settings Reader::parse(int argc, char** argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    throw Help{app_.help()};
  } catch (const CLI::ParseError& error) {
    std::string line = error.what();
    std::replace(line.begin(), line.end(), '\n', ' ');
    refuse(line);
  }
  if (read_.messages > 0 && app_.count("--seconds") == 0) read_.seconds = 0;
  if (read_.writers == 0) read_.writers = read_.clients;
  check(read_);
  return read_;
}

}  // namespace

Settings parse(int argc, char** argv) {
  Reader reader;
  reader.add_all();
  return reader.parse(argc, argv);
}

}  // namespace bench
