// Rates and times at a scenario's operating point, with what they rest on.
#pragma once

#include <vector>

#include "simulator/analysis/serving_projection.h"
#include "simulator/workload/serving/iteration.h"

namespace windtunnel {

/// A full batch and a mean prompt: requests of a group that fit into its cache, a request's mean
/// context while it decodes, and the chunks of its prompt.
struct OperatingPoint {
  double requests;  ///< 0: not even one fits
  double context;
  double chunks;         ///< of one prompt
  double chunk_tokens;   ///< new ones in one of them
  double chunk_cached;   ///< before it, on average
  double chunk_prompts;  ///< prompts in an iteration of prefill
};

/// `max_tokens` of an attention group that decodes.
OperatingPoint operating_point(const ServingScenario& scenario, double max_tokens);

/// The rates with intervals: each family of prices and each assumption goes to the ends of its
/// range, one at a time, and their effects add in quadrature. `effects` are the assumptions', and
/// those of the network and the skew against none, which widen no interval.
struct RatesAndEffects {
  ServingRates rates;
  std::vector<ServingEffect> effects;
};

/// The values alone, each interval as wide as nothing.
ServingRates serving_values(ServingPrices& prices, const ServingScenario& scenario,
                            double max_tokens);

RatesAndEffects serving_rates(ServingPrices& prices, const ServingScenario& scenario,
                              double max_tokens);

/// The prefill and the decode iteration of the operating point.
std::vector<IterationProjection> reference_iterations(ServingPrices& prices,
                                                      const ServingScenario& scenario,
                                                      double max_tokens);

}  // namespace windtunnel
