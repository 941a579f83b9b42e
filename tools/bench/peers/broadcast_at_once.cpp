// Frames to everybody on a bare epoll loop, each as soon as it is whole.

#include "common/program.hpp"
#include "tools/bench/peers/broadcast_epoll.hpp"

namespace {

void serve(const tick::Options& options) {
  peers::BroadcastServer(options, peers::When::at_once).run();
}

}  // namespace

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Frames to everybody, at once.",
                           tick::Accepts::basics, serve);
}
