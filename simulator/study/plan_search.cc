#include "simulator/study/plan_search.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "simulator/base/threads.h"

namespace windtunnel {
namespace {

bool no_worse(const Objectives& a, const Objectives& b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) { return x <= y; });
}

/// Plans in order of one objective, then of their number.
struct Order {
  std::size_t objective;

  bool operator()(const FoundPlan& a, const FoundPlan& b) const {
    return std::pair(a.takes[objective], a.index) < std::pair(b.takes[objective], b.index);
  }
};

/// How far beyond its limits: over one of them (which), or over several (-1).
struct Excess {
  int limit;
  double ratio;
};

std::optional<Excess> excess_of(const Objectives& takes, const Objectives& limits) {
  std::optional<Excess> excess;
  for (std::size_t i = 0; i < kObjectives; ++i) {
    if (takes[i] <= limits[i]) continue;
    const double ratio = takes[i] / limits[i];
    excess =
        excess ? Excess{-1, std::max(excess->ratio, ratio)} : Excess{static_cast<int>(i), ratio};
  }
  return excess;
}

/// Plans of the least excess, by what is known of them; evaluated only where nothing else is found.
struct Candidates {
  struct One {
    double ratio;
    FoundPlan plan;  ///< what it takes at least
  };
  static constexpr std::size_t kKept = 16;
  std::int64_t plans = 0;
  std::vector<One> nearest;

  void add(double ratio, const FoundPlan& plan) {
    ++plans;
    const auto before = [](const One& a, const One& b) {
      return std::pair(a.ratio, a.plan.index) < std::pair(b.ratio, b.plan.index);
    };
    const One one{ratio, plan};
    nearest.insert(std::upper_bound(nearest.begin(), nearest.end(), one, before), one);
    if (nearest.size() > kKept) nearest.pop_back();
  }
};

class Search {
 public:
  Search(const PlanSpace& space, const PlanSearchOptions& options)
      : space_(space), options_(options), order_{static_cast<std::size_t>(options.objective)} {}

  PlanSearch run() {
    constexpr std::int64_t kPlansAtOnce = 32768;
    const std::int64_t at_once = std::max<std::int64_t>(1, kPlansAtOnce / space_.block_size);
    for (std::int64_t first = 0; first < space_.blocks; first += at_once) {
      const std::int64_t last = std::min(space_.blocks, first + at_once);
      const auto blocks = static_cast<double>(space_.blocks);
      evaluate_best_first(screened(first, last),
                          within(options_.progress, static_cast<double>(first) / blocks,
                                 static_cast<double>(last) / blocks));
    }
    result_.plans = space_.blocks * space_.block_size;
    for (auto& [reason, one] : rejected_) {
      result_.rejected.push_back({reason, one.count, one.example});
    }
    std::stable_sort(result_.rejected.begin(), result_.rejected.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
    std::sort(result_.front.begin(), result_.front.end(), order_);
    if (result_.best.empty()) find_nearest();
    return std::move(result_);
  }

 private:
  /// Blocks are visited far apart, so that the first ones already show what is possible.
  std::int64_t visited(std::int64_t turn) const {
    std::int64_t stride =
        std::max<std::int64_t>(1, space_.blocks / 1000 * 618 + space_.blocks % 1000 * 618 / 1000);
    while (std::gcd(stride, space_.blocks) != 1) ++stride;
    return turn * stride % space_.blocks;
  }

  /// Those of the turns [first, last) that may be plans, the most promising first.
  std::vector<FoundPlan> screened(std::int64_t first, std::int64_t last) {
    std::vector<std::vector<PlanVerdict>> verdicts(static_cast<std::size_t>(last - first));
    parallel_for(static_cast<int>(last - first), options_.threads, [&](int turn) {
      verdicts[static_cast<std::size_t>(turn)] = space_.screen(visited(first + turn));
    });
    std::vector<FoundPlan> open;
    for (std::int64_t turn = first; turn < last; ++turn) {
      const auto& block = verdicts[static_cast<std::size_t>(turn - first)];
      for (std::size_t i = 0; i < block.size(); ++i) {
        const std::int64_t index = visited(turn) * space_.block_size + static_cast<std::int64_t>(i);
        if (!block[i].rejected.empty()) {
          reject(block[i].rejected, block[i].example);
        } else if (within_limits({index, block[i].least}, " by its lower bound")) {
          open.push_back({index, block[i].least});
        }
      }
    }
    std::sort(open.begin(), open.end(), order_);
    return open;
  }

  void reject(const std::string& reason, const std::string& example) {
    auto [found, fresh] = rejected_.try_emplace(reason, RejectedClass{reason, 0, example});
    ++found->second.count;
  }

  bool within_limits(const FoundPlan& plan, const std::string& how) {
    const auto excess = excess_of(plan.takes, options_.limits);
    if (!excess) return true;
    near_[excess->limit].add(excess->ratio, plan);
    reject(excess->limit < 0 ? "over several limits" + how
                             : "over the limit of " +
                                   options_.names[static_cast<std::size_t>(excess->limit)] + how,
           "");
    return false;
  }

  /// Whether a plan that takes at least that much is neither on the front nor among the best.
  bool ruled_out(const FoundPlan& plan) const {
    if (!options_.prune) return false;
    const bool full = static_cast<int>(result_.best.size()) >= options_.top;
    if (!full || !order_(result_.best.back(), plan)) return false;
    return std::any_of(result_.front.begin(), result_.front.end(), [&](const FoundPlan& better) {
      return dominates(better.takes, plan.takes) ||
             (better.takes == plan.takes && better.index < plan.index);
    });
  }

  void evaluate_best_first(const std::vector<FoundPlan>& open, const Progress& progress) {
    constexpr std::size_t kRound = 16;
    for (std::size_t next = 0; next < open.size();) {
      std::vector<FoundPlan> round;
      for (; next < open.size() && round.size() < kRound; ++next) {
        if (ruled_out(open[next])) {
          ++result_.bounded;
        } else {
          round.push_back(open[next]);
        }
      }
      std::vector<std::optional<Objectives>> takes(round.size());
      parallel_for(static_cast<int>(round.size()), options_.threads, [&](int i) {
        const std::int64_t index = round[static_cast<std::size_t>(i)].index;
        takes[static_cast<std::size_t>(i)] = space_.evaluate(index, [&](const Objectives& least) {
          return ruled_out({index, least});
        });
      });
      if (progress) progress(static_cast<double>(next) / static_cast<double>(open.size()));
      for (std::size_t i = 0; i < round.size(); ++i) {
        if (takes[i]) {
          keep({round[i].index, *takes[i]});
        } else {
          ++result_.bounded;
        }
      }
    }
  }

  void keep(const FoundPlan& plan) {
    if (!within_limits(plan, ", simulated")) return;
    ++result_.evaluated;
    auto& best = result_.best;
    best.insert(std::upper_bound(best.begin(), best.end(), plan, order_), plan);
    if (static_cast<int>(best.size()) > options_.top) best.pop_back();
    auto& front = result_.front;
    const auto beaten = [](const FoundPlan& a, const FoundPlan& b) {
      return dominates(a.takes, b.takes) || (a.takes == b.takes && a.index < b.index);
    };
    if (std::any_of(front.begin(), front.end(),
                    [&](const auto& one) { return beaten(one, plan); })) {
      return;
    }
    front.erase(std::remove_if(front.begin(), front.end(),
                               [&](const auto& one) { return beaten(plan, one); }),
                front.end());
    front.push_back(plan);
  }

  /// Bounds name the nearest; evaluating them, the nearest first, settles which it is.
  void find_nearest() {
    for (const auto& [limit, candidates] : near_) {
      std::optional<NearestPlan> nearest;
      double least = std::numeric_limits<double>::infinity();
      for (const auto& one : candidates.nearest) {
        if (one.ratio >= least) break;
        const auto never = [](const Objectives&) { return false; };
        const FoundPlan plan{one.plan.index, *space_.evaluate(one.plan.index, never)};
        const auto excess = excess_of(plan.takes, options_.limits);
        if (!excess || excess->limit != limit || excess->ratio >= least) continue;
        least = excess->ratio;
        nearest = {limit, candidates.plans, plan};
      }
      if (nearest) result_.nearest.push_back(*nearest);
    }
  }

  const PlanSpace& space_;
  const PlanSearchOptions& options_;
  Order order_;
  PlanSearch result_{};
  std::map<std::string, RejectedClass> rejected_;
  std::map<int, Candidates> near_;
};

}  // namespace

bool dominates(const Objectives& a, const Objectives& b) { return no_worse(a, b) && a != b; }

PlanSearch search_plans(const PlanSpace& space, const PlanSearchOptions& options) {
  return Search(space, options).run();
}

}  // namespace windtunnel
