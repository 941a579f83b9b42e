// How a test makes operator new fail.
#pragma once

// The allocation after so many more of them throws std::bad_alloc, one only.
// Below 0: none.
inline int allocations_before_failure = -1;
