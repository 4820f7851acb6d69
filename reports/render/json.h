// The documents other programs read: names, units and key order are an interface and never change
// within a version. Numbers are written in full; what is not finite becomes null.
#pragma once

#include <string>
#include <vector>

#include "reports/render/version.h"
#include "simulator/analysis/projection.h"
#include "simulator/analysis/set_errors.h"

namespace windtunnel {

/// The document `windtunnel/projection`, version 1: indented, keys in a fixed order, a newline
/// last.
std::string render_json(const Projection& projection, const BuildVersion& build);

/// The document `windtunnel/validation`, version 1: rows, failures first, and what the runs of each
/// set among them come to.
std::string render_validation_json(const std::vector<ComparisonRow>& rows,
                                   const std::vector<SetSummary>& sets,
                                   const std::vector<InputFile>& inputs, const BuildVersion& build);

}  // namespace windtunnel
