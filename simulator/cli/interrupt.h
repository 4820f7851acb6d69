// ^C, a closed terminal, a scheduler that ends the job: nothing half-written stays, and commands
// that keep what they have done come to an end.
#pragma once

#include <functional>

namespace windtunnel {

/// From now on a signal that ends the program removes the files that it was writing, and ends it
/// as before. Signals that were ignored stay so.
void leave_nothing_when_ended();

/// From now on the first signal is only noted, and a second one ends the program. Returns whether
/// there was one.
std::function<bool()> watch_for_interrupt();

}  // namespace windtunnel
