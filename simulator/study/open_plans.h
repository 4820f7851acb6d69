// The plans that a search has still to look at.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "simulator/study/plan_search.h"

namespace windtunnel {

/// Plans in order of one objective, then of their number.
struct PlanOrder {
  std::size_t objective;

  bool operator()(const FoundPlan& a, const FoundPlan& b) const {
    return std::pair(a.takes[objective], a.index) < std::pair(b.takes[objective], b.index);
  }
};

/// A plan with what it takes at least, as its bounds up to `asked` have it.
struct OpenPlan {
  FoundPlan plan;
  double effort;
  std::size_t asked;
};

/// Plans to look at, the most promising first.
class OpenPlans {
 public:
  explicit OpenPlans(PlanOrder order) : later_{order} {}

  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }

  void push(const OpenPlan& plan) {
    heap_.push_back(plan);
    std::push_heap(heap_.begin(), heap_.end(), later_);
  }

  OpenPlan pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later_);
    const OpenPlan first = heap_.back();
    heap_.pop_back();
    return first;
  }

 private:
  struct Later {
    PlanOrder order;

    bool operator()(const OpenPlan& a, const OpenPlan& b) const { return order(b.plan, a.plan); }
  };

  Later later_;
  std::vector<OpenPlan> heap_;
};

}  // namespace windtunnel
