// One iteration of a unit, priced and run: a chunk of prompts, a step of decoding, or both.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "simulator/hardware/price_book.h"
#include "simulator/model/serving_ops.h"
#include "simulator/workload/serving/scenario.h"
#include "simulator/workload/serving/unit_network.h"

namespace windtunnel {

/// Kernels whose prices are wrong together: a family for each alternative of ServingKernel.
inline constexpr std::array kPriceFamilies{
    "norms and casts",   "products",        "prompt attention", "cache attention",
    "absorbed products", "expert products", "tile attention",   "sparse attention",
    "indexer scores",    "collectives",     "expert transfers"};
static_assert(kPriceFamilies.size() == std::variant_size_v<ServingKernel>);

/// Which family's prices are taken to an end of their interval; none: all as they are.
struct PriceEnd {
  std::optional<std::size_t> family;
  bool high;
};

/// Prices that were asked for once: of a model's parts in their formats on a cluster, whatever the
/// assumptions are. Not for several threads.
class ServingPrices {
 public:
  ServingPrices(const PriceBook& book, const ServingScenario& scenario)
      : book_(book), scenario_(scenario) {}

  /// All SMs its own. Valid until the next call.
  const Price& of(const ServingKernel& kernel);

  /// What the network leaves groups of `ranks` GPUs.
  NetworkRate rate_of(UnitTraffic traffic, std::int64_t ranks);

  const PriceBook& book() const { return book_; }

 private:
  const PriceBook& book_;
  const ServingScenario& scenario_;
  std::map<std::string, std::vector<std::pair<ServingKernel, Price>>> known_;  ///< by words
  std::map<std::pair<UnitTraffic, std::int64_t>, NetworkRate> rates_;

  Price price_of(const ServingKernel& kernel);
};

/// `launches` of a kernel in an iteration of one GPU, and what they take together; `stretched`
/// where transfers beside it hold SMs.
struct IterationTerm {
  std::string block;
  std::string kernel;
  double launches;
  Price each;
  double stretched;
  bool transfer;
  ServingStage stage;
  int layers;  ///< equal ones that it is the sum over
};

/// `time` is from the first kernel to the last; `compute` what the compute stream was busy with,
/// gaps between launches included; `transfers` between GPUs outside that stream.
struct Iteration {
  Seconds time;
  Seconds compute;
  Seconds transfers;
};

/// The division of `unit` with the scenario's assumptions; `drafts` prediction modules run.
ServingDivision division_of(const ServingScenario& scenario, const ServingUnit& unit);

/// How much longer compute kernels of the unit's slowest GPU take, which the others wait for, and
/// beside normal transfers, which hold SMs unless it has one micro-batch, or decodes only.
double compute_stretch(const ServingScenario& scenario, const ServingUnit& unit, bool prompts);

/// The iteration of a group's `rows`; with two micro-batches each runs half of them, one's
/// transfers under the other's compute.
Iteration run_iteration(ServingPrices& prices, const ServingScenario& scenario,
                        const ServingUnit& unit, const ServingRows& rows, const PriceEnd& end = {});

/// What it is made of.
std::vector<IterationTerm> iteration_terms(ServingPrices& prices, const ServingScenario& scenario,
                                           const ServingUnit& unit, const ServingRows& rows);

/// Hidden under compute, as a share of transfers; 1 where there are none.
double hidden_share(const Iteration& iteration);

}  // namespace windtunnel
