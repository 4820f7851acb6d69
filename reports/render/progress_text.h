// How progress looks: a bar that redraws itself on a terminal, else a line at every tenth.
#pragma once

#include <string>

#include "kernels/shapes/units.h"

namespace windtunnel {

/// Where progress is written to.
struct ProgressStyle {
  bool bar;           ///< a terminal that can go back to the start of its line
  bool colour;        ///< of the bar
  Seconds silence;    ///< nothing is written before
  Seconds least;      ///< nor of what, at its pace, will have taken less in all
  bool rest = false;  ///< with how long the rest will take
};

/// Turns shares that are done into text; shares that fall back are ignored.
class ProgressText {
 public:
  ProgressText(std::string label, const ProgressStyle& style)
      : label_(std::move(label)), style_(style) {}

  /// What to write now that `share` (0 to 1) is done, `elapsed` after the start; often nothing.
  std::string update(double share, Seconds elapsed);

  /// What to write at the end: takes the bar away.
  std::string finish();

 private:
  std::string label_;
  ProgressStyle style_;
  std::string rest_text(double share, Seconds elapsed) const;

  double first_share_ = -1;  ///< what was done before this began to count
  Seconds first_time_ = {0};
  int percent_ = 0;  ///< the last one written
  bool begun_ = false;
  bool drawn_ = false;
};

}  // namespace windtunnel
