// Whether a whole file wandered: a machine that grew warm between the first benchmark and the last.
#pragma once

#include <optional>
#include <vector>

namespace windtunnel {

/// A straight line through the logarithms of ratios in the order of the file.
struct FileDrift {
  double rise;  ///< from the first to the last
};

/// A drift where the ratios rise or fall steadily (Mann and Kendall, p below 0.01), by more than
/// `least` over the file, and a straight line through them (Theil and Sen) leaves no more than the
/// best single step does: some benchmarks that changed next to each other are a step.
std::optional<FileDrift> file_drift(const std::vector<double>& log_ratios, double least);

/// The rise within one benchmark's samples that most benchmarks of a file share: the median of
/// theirs where so many rise, or fall, that a coin would not (p below 0.001), else 0.
double shared_rise(const std::vector<double>& rises);

}  // namespace windtunnel
