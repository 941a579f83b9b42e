#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <unistd.h>

#include "common/signals.hpp"

int main(int argc, char** argv) {
  ::alarm(120);  // a call that should not wait must not hang the suite
  tick::ignore_sigpipe();
  return doctest::Context(argc, argv).run();
}
