// How much a kernel and a transfer beside it slow each other down on one GPU, class by class.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernels/shapes/ops.h"
#include "simulator/base/csv_file.h"

namespace windtunnel {

/// One kernel on `compute_sms`, and one that exchanges on `communication_sms` beside it all the
/// time. Slow-downs are times beside over times alone on as many SMs: what is lost to fewer SMs is
/// in `compute_alone`. Without SMs for communication there is none, and neither slow-down.
struct OverlapCell {
  Operation compute;
  Dtype compute_dtype;
  std::optional<Operation> communication;
  Dtype communication_dtype;
  int compute_sms;
  int communication_sms;
  Seconds compute_alone;
  double compute_slowdown;
  double communication_slowdown;
};

struct OverlapMatrix {
  std::string file;
  std::vector<OverlapCell> cells;
};

/// The table overlap.csv of a measurement folder, with columns compute, compute_dtype,
/// communication, communication_dtype (kernels/shapes' names, or `none`), compute_sms,
/// communication_sms, and in microseconds compute_alone_us, compute_beside_us,
/// communication_alone_us, communication_beside_us (the last three empty beside `none`). Throws
/// ConfigError for anything else, and where a cell stands there twice.
OverlapMatrix make_overlap_matrix(const CsvTable& table);
OverlapMatrix load_overlap_matrix(const std::filesystem::path& file);

/// What is asked of a matrix.
struct OverlapKey {
  Operation compute;
  Dtype compute_dtype;
  Operation communication;
  Dtype communication_dtype;
  int communication_sms;
};

/// That cell, or null: nothing is taken from other classes or other numbers of SMs.
const OverlapCell* find_overlap(const OverlapMatrix& matrix, const OverlapKey& key);

}  // namespace windtunnel
