// A serving projection on a screen.
#pragma once

#include <string>

#include "simulator/analysis/serving_projection.h"

namespace windtunnel {

/// The summary, at most 80 columns wide, in the order in which people ask.
std::string render_serving_text(const ServingProjection& projection, bool colour);

/// Every term of the two iterations with its price and source, the assumptions with their reasons,
/// and each unit's ledger with its formulas. Lines are as long as their sources.
std::string render_serving_explain(const ServingProjection& projection);

/// "32 GPUs: tensor 4 x data 8, expert 32, 32 copies, 2 micro-batches"
std::string unit_words(const UnitSummary& unit);

/// "1 x NVIDIA H200, 16 x ..., not on ...": the fewest GPUs of each kind.
std::string fits_words(const std::vector<FitsOn>& all);

/// Tokens a second in whole ones; seconds in the unit that suits them.
std::string shown_rate(double value);
std::string shown_time(double value);

}  // namespace windtunnel
