#include "bench/harness/status.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "bench/cases/cases.h"
#include "simulator/base/csv_file.h"
#include "simulator/base/text_file.h"
#include "simulator/hardware/manifest.h"
#include "tests/bench/invented.h"

namespace windtunnel::bench {
namespace {

/// What windtunnel-bench left in bench/measurements.
RunDates committed_runs() {
  RunDates dates;
  for (const auto& gpu : std::filesystem::directory_iterator("bench/measurements")) {
    const std::filesystem::path folder = gpu.path() / "windtunnel";
    if (!std::filesystem::exists(folder / "kernels.csv")) continue;
    const Manifest manifest = load_manifest(folder);
    const CsvTable table = load_csv(folder / "kernels.csv");
    for (std::size_t row = 0; row < table.row_count(); ++row) {
      const auto text = [&](const char* column) {
        return std::string(table.cell(row, table.column(column)));
      };
      dates[text("operation") + "/" + text("dtype")] = manifest.gpu + " " + manifest.date;
    }
  }
  return dates;
}

TEST(KernelStatus, IsModelledUntilItRanOnAGpu) {
  const KernelShape norm = rows_shape(Operation::kRmsNorm, Dtype::kBf16, 8, 8);
  const std::vector<Case> all{{norm, norm, "windtunnel", Data::kUniform},
                              {norm, norm, "windtunnel", Data::kZeros},
                              {gemm_shape(1, 1, 1), norm, "windtunnel", Data::kUniform},
                              {gemm_shape(1, 1, 1), norm, "cublaslt", Data::kUniform}};
  EXPECT_EQ(status_table(all, {{"gemm/bf16", "h200 2001-02-03"}}),
            "| kernel | dtype | status |\n|---|---|---|\n"
            "| rms_norm | bf16 | modelled |\n| gemm | bf16 | run on h200 2001-02-03 |\n");
}

TEST(KernelStatus, StandsBetweenItsMarks) {
  EXPECT_EQ(with_status("a\n<!-- status -->\nold\n<!-- end -->\nb\n", "new\n"),
            "a\n<!-- status -->\nnew\n<!-- end -->\nb\n");
  EXPECT_EQ(with_status("a\n", "new\n"), "a\n");
}

TEST(KernelStatus, TheReadmeIsUpToDate) {
  const std::string path = "kernels/README.md";
  const std::string text = read_text_file(path);
  const std::string now = with_status(text, status_table(cases(), committed_runs()));
  EXPECT_NE(now.find("| rms_norm |"), std::string::npos) << path << " has no status table";
  if (std::getenv("WINDTUNNEL_ACCEPT") != nullptr) std::ofstream(path, std::ios::binary) << now;
  if (std::getenv("WINDTUNNEL_ACCEPT") == nullptr) {
    EXPECT_EQ(text, now) << path << ": ./run accept rewrites it";
  }
}

}  // namespace
}  // namespace windtunnel::bench
