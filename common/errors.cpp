#include "common/errors.hpp"

#include <system_error>

namespace tick {

void throw_errno(const std::string& call, int error) {
  throw std::system_error(error, std::generic_category(), call);
}

int check(const char* call, int result) {
  if (result < 0) throw_errno(call);
  return result;
}

}  // namespace tick
