// Whether a machine stands on two levels for longer than one benchmark takes: a clock that sticks.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace windtunnel {

/// What two files say of one benchmark.
struct Moved {
  std::span<const double> base;  ///< samples in the order in which they were taken
  std::span<const double> now;
  double change;  ///< logarithm of the ratio of medians
  int side;       ///< +1 slower, -1 faster, 0 unchanged as far as it shows
  bool clocked;   ///< clocks are known, and tell more than what follows here
};

/// The size of the step of values in the order in which they were taken, as a logarithm. Nothing
/// unless two or more stand on each side of it, all of one side above all of the other, and
/// Student's t between the sides is 4.5 or more; nor of fewer than six values.
std::optional<double> step_of(std::span<const double> values);

/// For each of them the logarithm between two levels that the machine is seen to take and that
/// explain its change: samples of benchmarks step by about as much while they are measured, in more
/// of them than their noise makes, which no code does. 0 where nothing is seen, or nothing changed.
std::vector<double> machine_steps(std::span<const Moved> benchmarks);

}  // namespace windtunnel
