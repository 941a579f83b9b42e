// Errors at set-up: a failed system call becomes std::system_error, with the
// call's name first ("bind: Address already in use").
//
// This is for what goes wrong before a server serves, and for bugs. What a
// peer or a full machine can cause while it serves is a value: io_result.hpp.
#pragma once

#include <cerrno>
#include <string>

namespace tick {

// Throws std::system_error for `error`, naming the call.
[[noreturn]] void throw_errno(const std::string& call, int error = errno);

// Returns `result`, or throws for errno when it is negative.
int check(const char* call, int result);

}  // namespace tick
