#include "reports/compare/shared_change.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>

#include "reports/compare/median_ratio.h"

namespace windtunnel {
namespace {

constexpr std::size_t kFewest = 5;
constexpr double kMost = 0.75;
// Beyond so many standard errors changes are not alike; those of constant values have none.
constexpr double kErrors = 3.3;
constexpr double kLeastError = 5e-4;
// A neighbour has changed at all beyond so many.
constexpr double kNeighbourErrors = 1.5;
constexpr double kGrowth = 1.5;
// Sizes of opposite changes may differ by this share, and two standard errors.
constexpr double kOneSize = 0.3;
// Up and down are as likely for a machine: more one way than the other by so many standard
// deviations of a fair coin are the code's.
constexpr double kOneWay = 2.7;
// A clock between two levels moves half of a file, and hardly ever less than this share.
constexpr double kMoved = 0.2;
// Nor does another clock explain more than a half more or less time.
const double kLargest = std::log(1.5);

double error_of(const FileChange& it) { return std::max(it.error, kLeastError); }

/// The change of as good as all, 0 where there is none.
double change_of_all(std::span<const FileChange> file, double least) {
  std::vector<double> changes;
  for (const FileChange& it : file) {
    if (!it.clocked) changes.push_back(it.change);
  }
  if (changes.size() < kFewest) return 0;
  const double middle = median(changes);
  if (std::abs(middle) <= least) return 0;
  const auto alike = std::count_if(file.begin(), file.end(), [&](const FileChange& it) {
    return !it.clocked && std::abs(it.change - middle) <= kErrors * error_of(it);
  });
  const auto count = static_cast<double>(changes.size());
  return static_cast<double>(alike) >= kMost * count ? middle : 0;
}

/// The nearest two of other families before `at` (`step` -1) or behind it (1).
std::array<const FileChange*, 2> nearest(std::span<const FileChange> file, std::size_t at,
                                         std::ptrdiff_t step) {
  std::array<const FileChange*, 2> found{};
  std::size_t count = 0;
  const auto size = static_cast<std::ptrdiff_t>(file.size());
  for (auto i = static_cast<std::ptrdiff_t>(at) + step; i >= 0 && i < size && count < 2;
       i += step) {
    const FileChange& it = file[static_cast<std::size_t>(i)];
    if (!it.clocked && it.family != file[at].family) found[count++] = &it;
  }
  return found;
}

/// What both of two neighbours changed by at least, in the direction `side`, beyond their noise.
double common(const FileChange* one, const FileChange* other, int side) {
  for (const FileChange* it : {one, other}) {
    if (it == nullptr || side * it->change < kNeighbourErrors * error_of(*it)) return 0;
  }
  return std::min(side * one->change, side * other->change);
}

/// The same of two on one side of a benchmark, the nearer first: a change that grows towards it
/// goes on growing, by no more than half.
double common_in_a_row(const std::array<const FileChange*, 2>& row, int side, double least) {
  const double both = common(row[0], row[1], side);
  if (both <= least) return 0;
  const double near = side * row[0]->change;
  return std::max(both, std::min(near + (near - side * row[1]->change), kGrowth * near));
}

double change_of_neighbours(std::span<const FileChange> file, std::size_t at, double least) {
  const int side = file[at].side;
  const auto before = nearest(file, at, -1);
  const auto behind = nearest(file, at, 1);
  const double most =
      std::max({common_in_a_row(before, side, least), common(before[0], behind[0], side),
                common_in_a_row(behind, side, least)});
  return most > least ? side * most : 0;
}

/// Changes that show, in order of size with their sign.
std::vector<double> shown_changes(std::span<const FileChange> file) {
  std::vector<double> changes;
  for (const FileChange& it : file) {
    if (!it.clocked && it.side != 0) changes.push_back(it.change);
  }
  std::sort(changes.begin(), changes.end());
  return changes;
}

std::size_t within(const std::vector<double>& sorted, double middle, double tolerance) {
  const auto from = std::lower_bound(sorted.begin(), sorted.end(), middle - tolerance);
  const auto to = std::upper_bound(sorted.begin(), sorted.end(), middle + tolerance);
  return static_cast<std::size_t>(to - from);
}

bool has_opposites(const FileChange& it, const std::vector<double>& shown) {
  const double tolerance = kOneSize * std::abs(it.change) + 2 * error_of(it);
  const auto opposite = static_cast<double>(within(shown, -it.change, tolerance));
  const auto same = static_cast<double>(within(shown, it.change, tolerance));
  return opposite > 0 && same - opposite < kOneWay * std::sqrt(same + opposite);
}

}  // namespace

std::string_view family_of(std::string_view name) {
  return name.substr(0, name.find_first_of("/ "));
}

std::vector<SharedChange> shared_changes(std::span<const FileChange> file, double least) {
  const double all = change_of_all(file, least);
  const std::vector<double> shown = shown_changes(file);
  const auto unclocked =
      std::count_if(file.begin(), file.end(), [](const FileChange& it) { return !it.clocked; });
  const bool many = static_cast<double>(shown.size()) >= kMoved * static_cast<double>(unclocked);
  std::vector<SharedChange> shared;
  for (std::size_t i = 0; i < file.size(); ++i) {
    const FileChange& it = file[i];
    if (it.clocked || it.side == 0 || std::abs(it.change) > kLargest) {
      shared.push_back({});
    } else if (all * it.side > 0) {
      shared.push_back({Company::kAll, all});
    } else if (many && has_opposites(it, shown)) {
      shared.push_back({Company::kOpposite, it.change});
    } else if (const double level = many ? change_of_neighbours(file, i, least) : 0; level != 0) {
      shared.push_back({Company::kNeighbours, level});
    } else {
      shared.push_back({});
    }
  }
  return shared;
}

}  // namespace windtunnel
