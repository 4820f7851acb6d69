// Whether other benchmarks of a file changed as one did: a machine moves many at once.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace windtunnel {

/// What two files say of one benchmark, in the order of the file.
struct FileChange {
  std::string_view family;  ///< what its name begins with: see family_of
  double change;            ///< logarithm of the ratio of medians
  double error;             ///< standard error of `change`
  int side;                 ///< +1 slower, -1 faster, 0 unchanged as far as it shows
  bool clocked;             ///< clocks are known, and tell more than what follows here
};

/// Who changed as much.
enum class Company { kNone, kAll, kNeighbours, kOpposite };

/// A logarithm that another clock explains of the change; 0 where nobody shares it.
struct SharedChange {
  Company company = Company::kNone;
  double level = 0;
};

/// The name up to its first slash or blank: what a change of code may well slow as a whole.
std::string_view family_of(std::string_view name);

/// For each of them who shares its change, if that is no more than by a half. A clock that stands
/// on another level, between benchmarks or for a whole file, leaves no other sign than these:
/// - three quarters of the benchmarks, five or more, changed by one factor beyond `least`;
/// - where a fifth of them changed: the two nearest of other families, on one side or on both, did
///   alike by more than `least`; or others by as much the other way, and not many times more this
///   way.
std::vector<SharedChange> shared_changes(std::span<const FileChange> file, double least);

}  // namespace windtunnel
