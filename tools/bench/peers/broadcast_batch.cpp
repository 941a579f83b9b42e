// Frames to everybody on a bare epoll loop, after each batch of events.

#include "common/program.hpp"
#include "tools/bench/peers/broadcast_epoll.hpp"

namespace {

void serve(const tick::Options& options) {
  peers::BroadcastServer(options, peers::When::after_the_batch).run();
}

}  // namespace

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "Frames to everybody, after the batch.",
                           tick::Accepts::basics, serve);
}
