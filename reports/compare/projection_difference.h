// Two projections, field by field. They are computed, not measured: any difference is a change of
// the model, its inputs or its code, and is told, never judged by statistics.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/compare/accept_file.h"
#include "reports/compare/json_file.h"
#include "simulator/analysis/projection.h"

namespace windtunnel {

/// A field that differs; a text for what one document lacks is empty. Numbers where both are.
struct FieldDifference {
  std::string field;  ///< `run.gpu_hours`, `terms[attn(F)/moe layer/gemm ...].time_s`
  std::string base;
  std::string now;
  std::optional<double> base_number;
  std::optional<double> new_number;
  bool accepted;
  std::string reason;  ///< that of the accept file
};

/// A term (kernel, transfer, launch gap) that takes more or less of the step than before.
struct MovedTerm {
  std::string name;
  double base_s;  ///< in the step; 0 where it is new
  double new_s;   ///< 0 where it is gone
  std::string cause;
};

/// What can have moved the figures.
struct Attribution {
  std::vector<std::string> inputs;    ///< files that differ, by path
  std::vector<std::string> settings;  ///< keys of the scenario and assumptions that differ
  std::string build;                  ///< "commit a to b"; empty where the program is the same
  std::vector<MovedTerm> terms;       ///< the largest change first
};

struct ProjectionDifference {
  InputFile base;
  InputFile now;
  std::string base_name;  ///< the scenario's
  std::string new_name;
  std::string figures;  ///< hash of NEW's fields: what an accept file may pin
  std::vector<FieldDifference> fields;
  Attribution attribution;
};

/// Everything but `engine`, which depends on the machine. Throws ConfigError for a document that is
/// no projection.
ProjectionDifference compare_projections(const JsonFile& base, const JsonFile& now,
                                         const std::vector<AcceptedChange>& accepted);

/// How many differences no accept file knows.
std::size_t unaccepted(const ProjectionDifference& difference);

}  // namespace windtunnel
