// The one way to use several cores: independent pieces of work, results written to their own
// places.
#pragma once

#include <functional>

namespace windtunnel {

/// Calls body(0) to body(n - 1), each once, on up to `threads` threads (below 2: on this one).
/// After an exception no new piece starts; that of the lowest index is thrown again, whatever the
/// timing.
void parallel_for(int n, int threads, const std::function<void(int)>& body);

/// The cores of this machine, at least 1.
int hardware_threads();

}  // namespace windtunnel
