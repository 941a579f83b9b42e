#include "common/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <map>

namespace tick {
namespace {

// An option that takes one of a few words.
template <class Value>
void add_choice(CLI::App& app, const char* name, Value& value,
                const std::map<std::string, Value>& words, const char* about) {
  std::string text;
  for (const auto& [word, unused] : words)
    text += (text.empty() ? "" : "|") + word;
  app.add_option_function<std::string>(
         name, [&value, words](const auto& word) { value = words.at(word); },
         about)
      ->option_text(text)
      ->check(CLI::IsMember(words));
}

// CLI11 takes an empty word for 0: `--port "$PORT"` with PORT unset would serve
// on any port.
std::string refuse_empty(const std::string& word) {
  return word.empty() ? "empty, needs a number" : "";
}

void add_basics(CLI::App& app, Options& options) {
  app.add_option("--host", options.host,
                 "address or name to listen on [127.0.0.1]")
      ->option_text("HOST");
  app.add_option("--port", options.port, "TCP port, 0 picks a free one [8000]")
      ->option_text("PORT")
      ->check(refuse_empty);
  add_choice<log::Level>(app, "--log-level", options.log_level,
                         {{"debug", log::Level::debug},
                          {"info", log::Level::info},
                          {"warn", log::Level::warn},
                          {"error", log::Level::error},
                          {"off", log::Level::off}},
                         "least important line to log [info]");
  app.add_option("--trace", options.trace,
                 "write what the loop does to this file, one JSON object a "
                 "line [no trace]")
      ->option_text("FILE");
  app.add_option("--socket-buffers", options.socket_buffers,
                 "send and receive buffer of each connection in bytes, 0 "
                 "leaves the system's choice [0]")
      ->option_text("BYTES")
      ->check(refuse_empty)
      ->check(CLI::Range(0, 64 << 20));
}

void add_poller(CLI::App& app, Options& options) {
  add_choice<Backend>(app, "--backend", options.backend,
                      {{"select", Backend::select},
                       {"poll", Backend::poll},
                       {"epoll", Backend::epoll},
                       {"kqueue", Backend::kqueue}},
                      "how to wait for readiness [the best one here]");
  app.add_option("--max-connections", options.max_connections,
                 "clients served at the same time, the next ones wait in the "
                 "listen queue [1000]")
      ->option_text("COUNT")
      ->check(refuse_empty)
      ->check(CLI::Range(1U, 1U << 20));
}

void add_trigger(CLI::App& app, Options& options) {
  add_choice<Trigger>(app, "--trigger", options.trigger,
                      {{"level", Trigger::level},
                       {"edge", Trigger::edge},
                       {"oneshot", Trigger::oneshot},
                       {"edge_oneshot", Trigger::edge_oneshot}},
                      "how often the same readiness is told; select and poll "
                      "have level only [level]");
}

void add_frames(CLI::App& app, Options& options) {
  app.add_option("--max-frame", options.max_frame,
                 "longest message in bytes, a longer one ends its sender's "
                 "connection [16777216]")
      ->option_text("BYTES")
      ->check(refuse_empty)
      ->check(CLI::Range(std::size_t{0}, std::size_t{1} << 40));
  app.add_option("--max-pending", options.max_pending,
                 "bytes that may wait for one client when the next message "
                 "for it comes, one with more is closed [1048576]")
      ->option_text("BYTES")
      ->check(refuse_empty)
      ->check(CLI::Range(std::size_t{0}, std::size_t{1} << 40));
}

}  // namespace

Options parse_options(const std::string& about, Accepts accepts,
                      const std::vector<std::string>& arguments) {
  Options options;
  CLI::App app(about, "server");
  app.get_formatter()->column_width(30);
  add_basics(app, options);
  if (accepts >= Accepts::poller) add_poller(app, options);
  if (accepts >= Accepts::trigger) add_trigger(app, options);
  if (accepts >= Accepts::frames) add_frames(app, options);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(std::move(reversed));  // CLI11 takes them from the back
  } catch (const CLI::CallForHelp&) {
    throw HelpRequested(app.help());
  } catch (const CLI::ExtrasError&) {
    throw BadOptions("not an option here: " +
                     CLI::detail::join(app.remaining(), " "));
  } catch (const CLI::ParseError& error) {
    std::string line = error.what();
    std::replace(line.begin(), line.end(), '\n', ' ');
    throw BadOptions(line);
  }
  return options;
}

}  // namespace tick
