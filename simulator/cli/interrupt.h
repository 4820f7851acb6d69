// ^C and a scheduler's SIGTERM, for commands that keep what they have done.
#pragma once

#include <functional>

namespace windtunnel {

/// From now on the first signal is only noted, and a second one ends the program. Returns whether
/// there was one.
std::function<bool()> watch_for_interrupt();

}  // namespace windtunnel
