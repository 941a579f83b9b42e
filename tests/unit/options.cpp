#include "common/options.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using tick::Accepts;
using tick::Backend;
using tick::BadOptions;
using tick::Options;
using tick::parse_options;
using tick::Trigger;

namespace {

Options parse(const std::vector<std::string>& words,
              Accepts accepts = Accepts::poller) {
  return parse_options("about", accepts, words);
}

// What is wrong with `words`; empty: nothing.
std::string complaint(const std::vector<std::string>& words,
                      Accepts accepts = Accepts::poller) {
  try {
    static_cast<void>(parse(words, accepts));
  } catch (const BadOptions& error) {
    return error.what();
  }
  return "";
}

std::string help(Accepts accepts) {
  try {
    static_cast<void>(parse({"--help"}, accepts));
  } catch (const tick::HelpRequested& answer) {
    return answer.what();
  }
  return "";
}

}  // namespace

TEST_CASE("no option at all gives the defaults") {
  const Options options = parse({});
  CHECK(options.host == "127.0.0.1");
  CHECK(options.port == 8000);
  CHECK(options.log_level == tick::log::Level::info);
  CHECK(options.trace.empty());
  CHECK(options.socket_buffers == 0);
  CHECK(options.backend == Backend::automatic);
  CHECK(options.max_connections == 1000);
  CHECK(options.trigger == Trigger::level);
  CHECK(options.max_frame == 16 * 1024 * 1024);
  CHECK(options.max_pending == 1024 * 1024);
}

TEST_CASE("every option is taken, with a space or an equals sign") {
  const Options options = parse({"--host", "::1", "--port", "0", "--log-level",
                                 "warn", "--trace=a b", "--socket-buffers=2048",
                                 "--backend", "poll", "--max-connections=1"});
  CHECK(options.host == "::1");
  CHECK(options.port == 0);
  CHECK(options.log_level == tick::log::Level::warn);
  CHECK(options.trace == "a b");
  CHECK(options.socket_buffers == 2048);
  CHECK(options.backend == Backend::poll);
  CHECK(options.max_connections == 1);
}

TEST_CASE("every word of a choice means what it says") {
  using tick::log::Level;
  CHECK(parse({"--backend=select"}).backend == Backend::select);
  CHECK(parse({"--backend=epoll"}).backend == Backend::epoll);
  CHECK(parse({"--backend=kqueue"}).backend == Backend::kqueue);
  CHECK(parse({"--log-level=debug"}).log_level == Level::debug);
  CHECK(parse({"--log-level=info"}).log_level == Level::info);
  CHECK(parse({"--log-level=error"}).log_level == Level::error);
  CHECK(parse({"--log-level=off"}).log_level == Level::off);
}

TEST_CASE("every trigger is taken by its name") {
  for (const Trigger trigger : {Trigger::level, Trigger::edge, Trigger::oneshot,
                                Trigger::edge_oneshot}) {
    const std::string word(to_string(trigger));
    CAPTURE(word);
    CHECK(parse({"--trigger", word}, Accepts::trigger).trigger == trigger);
    CHECK(parse({"--trigger=" + word}, Accepts::frames).trigger == trigger);
  }
}

TEST_CASE("the limits on frames are taken, from nothing up") {
  const Options options =
      parse({"--max-frame", "0", "--max-pending=0"}, Accepts::frames);
  CHECK(options.max_frame == 0);
  CHECK(options.max_pending == 0);
  const Options large =
      parse({"--max-frame=1099511627776", "--max-pending", "5000000000"},
            Accepts::frames);
  CHECK(large.max_frame == std::size_t{1} << 40);
  CHECK(large.max_pending == 5'000'000'000);
}

TEST_CASE("what cannot be meant is refused in one line that names the option") {
  const std::vector<std::vector<std::string>> all = {
      {"--port", "65536"},
      {"--port", "-1"},
      {"--port", "http"},
      {"--port", ""},
      {"--port"},
      {"--host"},
      {"--trace"},
      {"--log-level", "loud"},
      {"--log-level", "2"},
      {"--socket-buffers", "-1"},
      {"--socket-buffers", ""},
      {"--max-connections", ""},
      {"--socket-buffers", "1k"},
      {"--socket-buffers", "99999999999"},
      {"--backend", "iocp"},
      {"--backend", ""},
      {"--max-connections", "0"},
      {"--max-connections", "-5"},
      {"--max-connections", "4294967297"},
      {"--max-connections", "many"},
      {"--threads", "4"},
      {"--bogus"},
      {"--port", "1", "--port", "2"},
      {"--trigger"},
      {"--trigger", ""},
      {"--trigger", "Edge"},
      {"--trigger", "edge-oneshot"},
      {"--trigger", "edge", "--trigger", "level"},
      {"--max-frame", ""},
      {"--max-frame", "-1"},
      {"--max-frame", "16M"},
      {"--max-frame", "1099511627777"},
      {"--max-frame", "18446744073709551616"},
      {"--max-pending", ""},
      {"--max-pending", "-1"},
      {"--max-pending", "all"},
      {"--max-pending", "1099511627777"},
  };
  for (const auto& words : all) {
    CAPTURE(words[0]);
    CAPTURE((words.size() > 1 ? words[1] : ""));
    const std::string line = complaint(words, Accepts::frames);
    CHECK_FALSE(line.empty());
    CHECK(line.find(words[0]) != std::string::npos);
    CAPTURE(line);
    CHECK(line.find('\n') == std::string::npos);
  }
}

TEST_CASE("a word that is no option is refused by name") {
  CHECK(complaint({"8000"}).find("8000") != std::string::npos);
  CHECK(complaint({"--port", "1", "stray"}).find("stray") != std::string::npos);
  CHECK(complaint({"-p", "1"}).find("-p") != std::string::npos);
}

TEST_CASE("a server without a poller refuses the poller's options") {
  for (const char* option : {"--backend", "--max-connections"}) {
    CAPTURE(option);
    CHECK(complaint({option, "1"}, Accepts::basics).find(option) !=
          std::string::npos);
    CHECK(help(Accepts::basics).find(option) == std::string::npos);
  }
  CHECK(parse({"--port", "1"}, Accepts::basics).port == 1);
}

TEST_CASE("a server takes what its chapter has come to, and all before it") {
  using Case = std::pair<const char*, Accepts>;
  for (const auto& [option, least] : {Case{"--trigger", Accepts::trigger},
                                      Case{"--max-frame", Accepts::frames},
                                      Case{"--max-pending", Accepts::frames}}) {
    for (const Accepts accepts : {Accepts::basics, Accepts::poller,
                                  Accepts::trigger, Accepts::frames}) {
      CAPTURE(option);
      const std::string word = least == Accepts::trigger ? "level" : "1";
      const bool taken = accepts >= least;
      const std::string line = complaint({option, word}, accepts);
      CHECK(line.empty() == taken);
      CHECK((line.find(option) != std::string::npos) == !taken);
      CHECK((help(accepts).find(option) != std::string::npos) == taken);
    }
  }
  CHECK(parse({"--backend", "poll"}, Accepts::frames).backend == Backend::poll);
}

TEST_CASE("help names every option with its default") {
  constexpr std::array kShown = {"about",
                                 "--host",
                                 "[127.0.0.1]",
                                 "--port",
                                 "[8000]",
                                 "--log-level",
                                 "[info]",
                                 "--trace",
                                 "[no trace]",
                                 "--socket-buffers",
                                 "[0]",
                                 "--backend",
                                 "[the best one here]",
                                 "--max-connections",
                                 "[1000]",
                                 "bytes",
                                 "select",
                                 "kqueue",
                                 "debug",
                                 "--trigger",
                                 "edge_oneshot",
                                 "[level]",
                                 "--max-frame",
                                 "--max-pending"};
  const std::string text = help(Accepts::frames);
  for (const char* shown : kShown) {
    CAPTURE(shown);
    CHECK(text.find(shown) != std::string::npos);
  }
}

TEST_CASE("the defaults that help shows are the defaults") {
  const Options options = parse({});
  const std::string text = help(Accepts::frames);
  CHECK(text.find('[' + options.host + ']') != std::string::npos);
  CHECK(text.find('[' + std::to_string(options.port) + ']') !=
        std::string::npos);
  for (const std::size_t value : {std::size_t{options.max_connections},
                                  options.max_frame, options.max_pending}) {
    CHECK(text.find('[' + std::to_string(value) + ']') != std::string::npos);
  }
}
