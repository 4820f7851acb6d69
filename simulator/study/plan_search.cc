#include "simulator/study/plan_search.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "simulator/base/threads.h"
#include "simulator/study/open_plans.h"

namespace windtunnel {
namespace {

bool no_worse(const Objectives& a, const Objectives& b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) { return x <= y; });
}

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
  static constexpr std::size_t kKept = 4096;
  std::int64_t plans = 0;
  std::vector<One> nearest;

  void add(double ratio, const FoundPlan& plan) {
    ++plans;
    const One one{ratio, plan};
    nearest.insert(std::upper_bound(nearest.begin(), nearest.end(), one, nearer), one);
    if (nearest.size() > kKept) nearest.pop_back();
  }

  static bool nearer(const One& a, const One& b) {
    return std::pair(a.ratio, a.plan.index) < std::pair(b.ratio, b.plan.index);
  }
};

class Search {
 public:
  Search(const PlanSpace& space, const PlanSearchOptions& options)
      : space_(space),
        options_(options),
        blocks_(share_size(options.share, space.blocks)),
        order_{static_cast<std::size_t>(options.objective)} {
    if (!options_.answer) options_.answer = answers_here(options.threads, options.stopped);
  }

  PlanSearch run() {
    constexpr std::int64_t kPlansAtOnce = 32768;
    const std::int64_t at_once = std::max<std::int64_t>(1, kPlansAtOnce / space_.block_size);
    for (std::int64_t first = 0; first < blocks_; first += at_once) {
      const std::int64_t last = std::min(blocks_, first + at_once);
      const auto blocks = static_cast<double>(blocks_);
      evaluate_best_first(screened(first, last),
                          within(options_.progress, static_cast<double>(first) / blocks,
                                 static_cast<double>(last) / blocks));
    }
    result_.plans = blocks_ * space_.block_size;
    for (auto& [reason, one] : rejected_) {
      result_.rejected.push_back({reason, one.count, one.example});
    }
    std::stable_sort(result_.rejected.begin(), result_.rejected.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
    std::sort(result_.front.begin(), result_.front.end(), order_);
    if (result_.best.empty() && options_.names_nearest) find_nearest();
    return std::move(result_);
  }

 private:
  /// Blocks are visited far apart, so that the first ones already show what is possible.
  std::int64_t visited(std::int64_t turn) const {
    std::int64_t stride =
        std::max<std::int64_t>(1, blocks_ / 1000 * 618 + blocks_ % 1000 * 618 / 1000);
    while (std::gcd(stride, blocks_) != 1) ++stride;
    return turn * stride % blocks_ * options_.share.of + options_.share.index;
  }

  /// Those of the turns [first, last) that may be plans.
  std::vector<OpenPlan> screened(std::int64_t first, std::int64_t last) {
    std::vector<std::vector<PlanVerdict>> verdicts(static_cast<std::size_t>(last - first));
    parallel_for(static_cast<int>(last - first), options_.threads, [&](int turn) {
      go_on(options_.stopped);
      verdicts[static_cast<std::size_t>(turn)] = space_.screen(visited(first + turn));
    });
    std::vector<OpenPlan> open;
    for (std::int64_t turn = first; turn < last; ++turn) {
      const auto& block = verdicts[static_cast<std::size_t>(turn - first)];
      for (std::size_t i = 0; i < block.size(); ++i) {
        const std::int64_t index = visited(turn) * space_.block_size + static_cast<std::int64_t>(i);
        if (!block[i].rejected.empty()) {
          reject(block[i].rejected, block[i].example);
        } else if (within_limits({index, block[i].least}, " by its lower bound")) {
          open.push_back({{index, block[i].least}, block[i].effort, 0});
        }
      }
    }
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

  bool has_all_best() const { return static_cast<int>(result_.best.size()) >= options_.top; }

  /// Whether a plan that takes at least that much is not among the best.
  bool behind_the_best(const FoundPlan& plan) const {
    return has_all_best() && order_(result_.best.back(), plan);
  }

  /// Whether a plan that takes at least that much is neither on the front nor among the best.
  bool ruled_out(const FoundPlan& plan) const {
    if (!options_.prune || !behind_the_best(plan)) return false;
    return std::any_of(result_.front.begin(), result_.front.end(), [&](const FoundPlan& better) {
      return dominates(better.takes, plan.takes) ||
             (better.takes == plan.takes && better.index < plan.index);
    });
  }

  /// Whether it is to be evaluated next.
  bool is_last(const OpenPlan& plan) const { return plan.asked == space_.tighten.size(); }

  /// What plans answer to questions with the numbers of the space.
  std::vector<Objectives> answers(const std::vector<PlanQuestion>& questions) const {
    return options_.answer(questions, [&](const PlanQuestion& question) {
      const auto number = static_cast<std::size_t>(question.number);
      const bool last = number == space_.tighten.size();
      return last ? space_.evaluate(question.index) : space_.tighten[number](question.index);
    });
  }

  /// What each plan of a round answers to its next question.
  std::vector<Objectives> answers(const std::vector<OpenPlan>& round) const {
    std::vector<PlanQuestion> questions;
    for (const OpenPlan& open : round) {
      questions.push_back({static_cast<int>(open.asked), open.plan.index, open.effort});
    }
    return answers(questions);
  }

  /// Whether the answers of a round may well rule this plan out: one of them is asked of a plan
  /// that is better as far as is known.
  bool can_wait(const OpenPlan& plan, const std::vector<OpenPlan>& round) const {
    const auto top = static_cast<std::size_t>(options_.top);
    const bool enough =
        has_all_best() ? behind_the_best(plan.plan) : result_.best.size() + round.size() >= top;
    if (!options_.prune || !enough) return false;
    return std::any_of(round.begin(), round.end(), [&](const OpenPlan& asked) {
      return no_worse(asked.plan.takes, plan.plan.takes);
    });
  }

  /// The next open plan that is not ruled out; nothing where there is none.
  std::optional<OpenPlan> next_promising(OpenPlans& open) {
    while (!open.empty()) {
      const OpenPlan next = open.pop();
      if (!ruled_out(next.plan)) return next;
      ++result_.bounded;
    }
    return std::nullopt;
  }

  /// The most promising of the open plans. Those that can wait do so, but a few are asked all the
  /// same: that costs less than threads without work. Where quick answers are still to come of
  /// some, only those are asked, since they may spare the others.
  std::vector<OpenPlan> next_round(OpenPlans& open) {
    constexpr std::size_t kRound = 16;  // the same for any number of threads
    constexpr std::size_t kFewest = 2;
    constexpr std::size_t kMostSeen = 256;
    const auto is_quick = [&](const OpenPlan& plan) { return plan.asked < space_.quick; };
    std::vector<OpenPlan> quick;
    std::vector<OpenPlan> slow;
    std::vector<OpenPlan> waiting;
    std::vector<OpenPlan> unripe;  // behind the first ones, with quick answers to come
    for (std::size_t seen = 0; seen < kMostSeen && quick.size() + slow.size() < kRound; ++seen) {
      const auto next = next_promising(open);
      if (!next) break;
      if (is_quick(*next)) {
        (seen < kRound || !can_wait(*next, slow) ? quick : unripe).push_back(*next);
      } else {
        (can_wait(*next, slow) ? waiting : slow).push_back(*next);
      }
    }
    fill(quick.empty() ? slow : quick, quick.empty() ? waiting : unripe, kFewest);
    for (const auto* rest : {&waiting, &unripe}) {
      for (const OpenPlan& plan : *rest) open.push(plan);
    }
    if (quick.empty()) return slow;
    for (const OpenPlan& plan : slow) open.push(plan);
    return quick;
  }

  /// Moves the first plans of `from` to `to`, until there are so many.
  static void fill(std::vector<OpenPlan>& to, std::vector<OpenPlan>& from, std::size_t count) {
    const std::size_t wanted = count - std::min(count, to.size());
    const auto end = from.begin() + static_cast<std::ptrdiff_t>(std::min(wanted, from.size()));
    to.insert(to.end(), from.begin(), end);
    from.erase(from.begin(), end);
  }

  void evaluate_best_first(const std::vector<OpenPlan>& plans, const Progress& progress) {
    OpenPlans open(order_);
    for (const OpenPlan& plan : plans) open.push(plan);
    while (!open.empty()) {
      const std::vector<OpenPlan> round = next_round(open);
      const auto takes = answers(round);
      for (std::size_t i = 0; i < round.size(); ++i) {
        FoundPlan plan{round[i].plan.index, takes[i]};
        if (is_last(round[i])) {
          keep(plan);
          continue;
        }
        for (std::size_t k = 0; k < kObjectives; ++k) {  // what bounded it before still does
          plan.takes[k] = std::max(plan.takes[k], round[i].plan.takes[k]);
        }
        if (within_limits(plan, " by its lower bound")) {
          open.push({plan, round[i].effort, round[i].asked + 1});
        }
      }
      if (progress) {
        progress(1 - static_cast<double>(open.size()) / static_cast<double>(plans.size()));
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

  /// What plans take; nothing of those of which a bound says that they are not the nearest beyond
  /// `limit`, which nobody has to evaluate.
  std::vector<std::optional<Objectives>> takes_if_nearer(std::span<const Candidates::One> plans,
                                                         int limit, double least) const {
    std::vector<std::size_t> open(plans.size());
    std::iota(open.begin(), open.end(), std::size_t{0});
    std::vector<std::optional<Objectives>> takes(plans.size());
    for (std::size_t number = 0; number <= space_.tighten.size(); ++number) {
      std::vector<PlanQuestion> questions;
      for (const std::size_t i : open) {
        questions.push_back({static_cast<int>(number), plans[i].plan.index});
      }
      const auto all = answers(questions);
      std::vector<std::size_t> nearer;
      for (std::size_t k = 0; k < open.size(); ++k) {
        if (number == space_.tighten.size()) takes[open[k]] = all[k];
        if (may_be_nearer(all[k], limit, least)) nearer.push_back(open[k]);
      }
      open = std::move(nearer);
    }
    return takes;
  }

  /// Whether a plan that takes at least that much may exceed `limit` alone (-1: several), by less
  /// than `least`. What exceeds another limit by its bound does so in the end.
  bool may_be_nearer(const Objectives& takes, int limit, double least) const {
    const auto excess = excess_of(takes, options_.limits);
    if (!excess || limit < 0) return !excess || excess->ratio < least;
    return excess->limit == limit && excess->ratio < least;
  }

  /// Bounds name the nearest; evaluating them, the nearest first, settles which it is.
  std::optional<NearestPlan> nearest_of(int limit, const std::vector<Candidates::One>& all) {
    constexpr std::size_t kRound = 16;
    std::optional<NearestPlan> nearest;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t next = 0; next < all.size() && all[next].ratio < least;) {
      go_on(options_.stopped);
      const std::size_t count = std::min(kRound, all.size() - next);
      const auto takes = takes_if_nearer(std::span(all).subspan(next, count), limit, least);
      for (std::size_t i = 0; i < count; ++i) {
        const auto excess = takes[i] ? excess_of(*takes[i], options_.limits) : std::nullopt;
        if (!excess || excess->limit != limit || excess->ratio >= least) continue;
        least = excess->ratio;
        nearest = {limit, near_[limit].plans, {all[next + i].plan.index, *takes[i]}, false};
      }
      next += count;
    }
    if (nearest) nearest->settled = is_settled(limit, least);
    return nearest;
  }

  /// Whether no plan that was not kept could be nearer. Any may turn out to exceed several limits.
  bool is_settled(int limit, double least) const {
    return std::all_of(near_.begin(), near_.end(), [&](const auto& entry) {
      const Candidates& of = entry.second;
      const bool whole = of.plans == static_cast<std::int64_t>(of.nearest.size());
      return (limit >= 0 && entry.first != limit) || whole || of.nearest.back().ratio >= least;
    });
  }

  void find_nearest() {
    std::vector<Candidates::One> all;
    for (const auto& [limit, candidates] : near_) {
      all.insert(all.end(), candidates.nearest.begin(), candidates.nearest.end());
      if (limit < 0) continue;
      if (const auto nearest = nearest_of(limit, candidates.nearest)) {
        result_.nearest.push_back(*nearest);
      }
    }
    const bool several = near_.count(-1) > 0 || result_.nearest.empty();
    if (!several) return;
    std::sort(all.begin(), all.end(), Candidates::nearer);
    if (const auto nearest = nearest_of(-1, all)) {
      result_.nearest.insert(result_.nearest.begin(), *nearest);
    }
  }

  const PlanSpace& space_;
  PlanSearchOptions options_;
  std::int64_t blocks_;  // of the share
  PlanOrder order_;
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
