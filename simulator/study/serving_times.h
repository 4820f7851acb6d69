// The time of any iteration, from a grid of simulated ones.
#pragma once

#include <cstddef>
#include <vector>

#include "simulator/workload/serving/iteration.h"

namespace windtunnel {

/// What a unit's iterations may hold, of one attention group.
struct IterationLimits {
  int prompt_tokens;  ///< 0: it only decodes
  int requests;       ///< 0: it only prefills
  int context;        ///< tokens of the longest request
};

/// How many times as long iterations take: those with prompt tokens, and the others.
struct TimeFactors {
  double prompt;
  double decode;
};

/// Between simulated iterations times are linear in prompt tokens, requests and context. Attention
/// of prompts depends on where a chunk lies, so it is kept apart, as time of one group's compute.
class IterationTimes {
 public:
  IterationTimes(ServingPrices& prices, const ServingScenario& scenario, const ServingUnit& unit,
                 const IterationLimits& limits);

  /// The same iterations, all of them longer or shorter.
  IterationTimes scaled(const TimeFactors& factors) const;

  /// Of an iteration without its prompts' attention, with the gap to the next one.
  double seconds(int prompt_tokens, int requests, double context) const;

  /// How `seconds` grows with a token of context, and up to where it grows so.
  struct Slope {
    double per_token;
    double until;
  };
  Slope slope(int prompt_tokens, int requests, double context) const;

  /// Attention of `tokens` tokens of one prompt after `cached` ones, all layers; with the images
  /// and the expansion of cached latents.
  double prompt_seconds(double tokens, double cached, bool first) const;

 private:
  struct Cell {
    std::size_t at;
    double part;
  };
  static Cell cell_of(const std::vector<double>& knots, double value);
  double at(std::size_t prompt, std::size_t request, std::size_t context) const;

  std::vector<double> prompt_knots_;
  std::vector<double> request_knots_;
  std::vector<double> context_knots_;
  std::vector<double> grid_;
  std::vector<double> length_knots_;
  std::vector<double> attention_;  ///< of whole prompts
  std::vector<double> expansion_;  ///< of so many cached latents
  double images_ = 0;              ///< of one prompt
};

}  // namespace windtunnel
