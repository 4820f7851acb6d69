#include "reports/render/verdict.h"

#include <algorithm>
#include <cmath>

#include "reports/render/format.h"

namespace windtunnel {

Verdict verdict(const ComparisonRow& row) {
  if (!row.comparable) return Verdict::kNotComparable;
  if (!row.tolerance) return Verdict::kNoTolerance;
  // Written so that an error which is not a number fails.
  return std::abs(row.error.value_or(HUGE_VAL)) <= *row.tolerance ? Verdict::kWithin
                                                                  : Verdict::kOutside;
}

std::string verdict_words(const ComparisonRow& row) {
  const auto tolerance = [&] { return format_short(*row.tolerance * 100, 3) + " %"; };
  switch (verdict(row)) {
    case Verdict::kOutside:
      return "outside " + tolerance();
    case Verdict::kWithin:
      return "within " + tolerance();
    case Verdict::kNoTolerance:
      return "no tolerance";
    case Verdict::kNotComparable:
      return "not comparable";
  }
  return "";
}

std::vector<ComparisonRow> failures_first(std::vector<ComparisonRow> rows) {
  const auto before = [](const ComparisonRow& a, const ComparisonRow& b) {
    const Verdict left = verdict(a);
    const Verdict right = verdict(b);
    if (left != right) return left < right;
    if (left != Verdict::kOutside) return false;
    const auto size = [](std::optional<double> error) {
      return error && std::isfinite(*error) ? std::abs(*error) : HUGE_VAL;
    };
    return size(a.error) > size(b.error);
  };
  std::stable_sort(rows.begin(), rows.end(), before);
  return rows;
}

int count(const std::vector<ComparisonRow>& rows, Verdict wanted) {
  return static_cast<int>(std::count_if(
      rows.begin(), rows.end(), [&](const ComparisonRow& row) { return verdict(row) == wanted; }));
}

}  // namespace windtunnel
