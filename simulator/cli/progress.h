// What goes to stderr beside errors: progress of what takes long, and warnings.
#pragma once

#include <chrono>
#include <string>

#include "reports/render/progress_text.h"
#include "simulator/analysis/projection.h"
#include "simulator/analysis/serving_projection.h"
#include "simulator/base/progress.h"
#include "simulator/cli/command.h"

namespace windtunnel {

/// Progress of one command, taken off the terminal when it ends or fails.
class ProgressLine {
 public:
  /// `rest`: says how long the rest will take, where the pace is even.
  ProgressLine(const std::string& label, const Environment& environment, bool rest = false);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Empty where nothing is to be shown; not longer than this line lives.
  Progress progress();

  /// Takes the bar away, before anything else is written.
  void finish();

 private:
  ProgressText text_;
  bool shown_;
  std::chrono::steady_clock::time_point start_;
};

/// One line to stderr unless `--quiet`.
void warn(const Environment& environment, const std::string& message);

/// Warns of what makes a projection moot: memory that does not hold the model.
void warn_of(const Environment& environment, const Projection& projection);
void warn_of(const Environment& environment, const ServingProjection& projection);

}  // namespace windtunnel
