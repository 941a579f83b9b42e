// Machine: descriptors, cores, ports and CPU time of this process.
#pragma once

#include <cstddef>

namespace bench {

// Raises the limit to what is allowed. Throws Failure (machine) when `needed`
// are more.
void raise_descriptors(std::size_t needed);

// Throws Failure (machine).
void stay_on(int cpu);

// How many connections one source address can have to one server.
std::size_t ports_of_an_address();

// CPU time of this process so far, in seconds.
double cpu_seconds();

// SIGINT and SIGTERM end the run, not the process. True once one came.
void catch_signals();
bool interrupted();

}  // namespace bench
