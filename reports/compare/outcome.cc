#include "reports/compare/outcome.h"

namespace windtunnel {

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kRegressed:
      return "REGRESSED";
    case Outcome::kUndecided:
      return "UNDECIDED";
    case Outcome::kImproved:
      return "IMPROVED";
    case Outcome::kUnchanged:
      break;
  }
  return "UNCHANGED";
}

}  // namespace windtunnel
