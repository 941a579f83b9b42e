#include "common/program.hpp"

#include <cstdio>
#include <exception>

#include "common/log.hpp"
#include "common/signals.hpp"
#include "common/trace.hpp"

namespace tick {

int run_program(int argc, char** argv, const char* about, Accepts accepts,
                void (*serve)(const Options&)) {
  const char* const name = argc > 0 ? argv[0] : "server";
  try {
    const Options options =
        parse_options(about, accepts, {argv + (argc > 0 ? 1 : 0), argv + argc});
    log::set_level(options.log_level);
    if (!options.trace.empty()) trace::start(options.trace);
    exit_on_signals();
    serve(options);
    return 0;
  } catch (const HelpRequested& help) {
    std::fputs(help.what(), stdout);
    return 0;
  } catch (const BadOptions& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 1;
  }
}

Listener listen(const Options& options, Mode mode) {
  return Listener(Endpoint::resolve(options.host, options.port),
                  {.mode = mode, .socket_buffers = options.socket_buffers});
}

void announce(const Listener& listener) {
  std::printf("listening on %s\n", listener.endpoint().to_string().c_str());
  std::fflush(stdout);
}

}  // namespace tick
