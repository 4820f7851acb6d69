#include "simulator/hardware/calibration_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "simulator/base/csv_file.h"
#include "simulator/base/threads.h"
#include "simulator/hardware/measurement_store.h"

namespace windtunnel {
namespace {

const std::filesystem::path kFolder = "bench/measurements";
const std::filesystem::path kFile = kFolder / "leave_one_out.csv";

std::vector<CalibrationRow> computed_rows(const TableRule& rule, const std::string& gpu) {
  const std::filesystem::path file =
      kFolder / gpu / rule.source / (std::string(file_of(rule)) + ".csv");
  if (rule.stated_interval > 0 || !std::filesystem::exists(file)) return {};
  const MeasurementTable table = make_measurement_table(rule, load_csv(file));
  std::vector<CalibrationRow> rows;
  for (std::size_t value = 0; value < rule.values.size(); ++value) {
    std::vector<const Surface*> surfaces;
    for (const MeasurementGroup& group : table.groups) surfaces.push_back(&group.surfaces[value]);
    rows.push_back({std::string(rule.table), gpu, std::string(rule.values[value].column),
                    calibrate(surfaces), calibration_inputs(table)});
  }
  return rows;
}

/// Leave-one-out over everything: the slow part, once for all tests of this file.
const std::map<CalibrationKey, CalibrationRow>& all_rows() {
  static const std::map<CalibrationKey, CalibrationRow> rows = [] {
    std::vector<std::pair<const TableRule*, std::string>> tasks;
    for (const TableRule& rule : table_rules()) {
      for (const char* gpu : {"a100", "h100", "h200", "h800"}) tasks.emplace_back(&rule, gpu);
    }
    std::vector<std::vector<CalibrationRow>> results(tasks.size());
    parallel_for(static_cast<int>(tasks.size()), hardware_threads(), [&](int i) {
      const auto index = static_cast<std::size_t>(i);
      results[index] = computed_rows(*tasks[index].first, tasks[index].second);
    });
    std::map<CalibrationKey, CalibrationRow> map;
    for (const auto& result : results) {
      for (const CalibrationRow& row : result) map.insert({{row.table, row.gpu, row.value}, row});
    }
    return map;
  }();
  return rows;
}

/// What a table must reach on left-out rows, on each of its GPUs: median and 90th percentile of the
/// relative error.
struct Target {
  std::string_view table;
  double median;
  double p90;
};

constexpr Target kTargets[] = {{"attention_context", 0.017, 0.06},
                               {"attention_decode", 0.03, 0.20},
                               {"custom_allreduce", 0.06, 0.16},
                               {"deepep_low_latency", 0.02, 0.07},
                               {"deepep_normal", 0.01, 0.07},
                               {"dsa_decode_attn", 0.02, 0.06},
                               {"dsa_decode_logits", 0.04, 0.12},
                               {"dsa_prefill_attn", 0.02, 0.06},
                               {"dsa_prefill_logits", 0.04, 0.15},
                               {"encoder_attention", 0.035, 0.12},
                               {"gemm", 0.029, 0.11},
                               {"grouped_gemm_decode", 0.06, 0.25},
                               {"mha_decode", 0.04, 0.20},
                               {"mla_bmm", 0.04, 0.12},
                               {"mla_context", 0.023, 0.09},
                               {"mla_decode", 0.013, 0.07},
                               {"mla_decode_fa3", 0.014, 0.08},
                               {"mla_decode_flashmla", 0.06, 0.25},
                               {"mla_decode_infersim", 0.04, 0.20},
                               {"mla_decode_triton", 0.04, 0.20},
                               {"mla_prefill", 0.06, 0.20},
                               {"mlp", 0.04, 0.13},
                               {"moe", 0.04, 0.14},
                               {"moe_deepep", 0.04, 0.11},
                               {"moe_eplb", 0.04, 0.16},
                               {"nccl", 0.029, 0.16},
                               {"quantize", 0.02, 0.07}};

TEST(CalibrationFile, LeftOutRowsOfEveryTableAreNearTheirMeasurement) {
  std::cout << "table, gpu, value: rows, rejected; median, p90, coverage of left-out rows\n";
  std::size_t checked = 0;
  for (const auto& [key, row] : all_rows()) {
    const Accuracy& accuracy = row.result.accuracy;
    std::cout << row.table << ", " << row.gpu << ", " << row.value << ": " << accuracy.rows << ", "
              << accuracy.rejected << "; " << 100 * accuracy.median << " %, " << 100 * accuracy.p90
              << " %, " << 100 * accuracy.coverage << " %\n";
    for (const Target& target : kTargets) {
      if (target.table != row.table) continue;
      ++checked;
      EXPECT_LE(accuracy.median, target.median) << row.table << " " << row.gpu;
      EXPECT_LE(accuracy.p90, target.p90) << row.table << " " << row.gpu;
    }
  }
  EXPECT_EQ(checked, all_rows().size());
  EXPECT_EQ(checked, 59U);  // 27 tables, not all on every GPU, three of them with two values
}

TEST(CalibrationFile, FourOfFiveLeftOutMeasurementsLieInTheirInterval) {
  for (const auto& [key, row] : all_rows()) {
    // Halves of a table of a few dozen rows say nothing of each other.
    if (row.result.accuracy.rows < 50 && row.gpu == "h800") continue;
    // A single row more or less says nothing in a table of thirty.
    const double one_row = 1 / static_cast<double>(row.result.accuracy.rows);
    EXPECT_GE(row.result.accuracy.coverage, 0.70 - one_row) << row.table << " " << row.gpu;
    EXPECT_LE(row.result.accuracy.coverage, 0.92 + one_row) << row.table << " " << row.gpu;
  }
}

TEST(CalibrationFile, TheCommittedFileIsWhatTheMeasurementsGive) {
  const std::string text = calibrations_text(all_rows());
  if (std::getenv("WINDTUNNEL_ACCEPT") != nullptr) {
    std::ofstream(kFile) << text;
    GTEST_SKIP() << "wrote " << kFile;
  }
  const auto committed = load_calibrations(kFile);
  ASSERT_EQ(committed.size(), all_rows().size());
  for (const auto& [key, row] : all_rows()) {
    const auto found = committed.find(key);
    ASSERT_NE(found, committed.end()) << row.table << " " << row.gpu;
    EXPECT_EQ(found->second.inputs, row.inputs) << row.table << " " << row.gpu;
    const Calibration &expected = row.result.calibration,
                      &actual = found->second.result.calibration;
    EXPECT_NEAR(actual.low, expected.low, 0.01) << row.table << " " << row.gpu;
    EXPECT_NEAR(actual.high, expected.high, 0.01) << row.table << " " << row.gpu;
    EXPECT_NEAR(actual.outside_low, expected.outside_low, 0.01) << row.table << " " << row.gpu;
    EXPECT_NEAR(actual.outside_high, expected.outside_high, 0.01) << row.table << " " << row.gpu;
  }
}

TEST(CalibrationFile, ReadsWhatItWrites) {
  CalibrationRow row = {"gemm", "h100", "latency_us", {}, "abc"};
  row.result.accuracy = {7, 1, 0.0125, 0.05, 0.8};
  row.result.calibration = {-1.25, 1.5, -0.125, 0.25};
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / "windtunnel_calibrations_test.csv";
  std::ofstream(file) << calibrations_text({{{"gemm", "h100", "latency_us"}, row}});
  const auto rows = load_calibrations(file);
  std::filesystem::remove(file);
  ASSERT_EQ(rows.size(), 1U);
  const CalibrationRow& read = rows.begin()->second;
  EXPECT_EQ(read.inputs, "abc");
  EXPECT_EQ(read.result.accuracy.rejected, 1U);
  EXPECT_DOUBLE_EQ(read.result.calibration.low, -1.25);
  EXPECT_DOUBLE_EQ(read.result.calibration.outside_high, 0.25);
}

TEST(CalibrationFile, AnotherRuleOrAnotherMeasurementMakesOtherInputs) {
  const TableRule* rule = find_table_rule("mlp");
  const std::string header = "phase,dtype,hidden_size,inter_size,num_tokens,latency_us\n";
  const auto one = make_measurement_table(*rule, parse_csv(header + "a,b,1,1,1,5\n", "x"));
  const auto two = make_measurement_table(*rule, parse_csv(header + "a,b,1,1,1,6\n", "x"));
  TableRule smoother = *rule;
  smoother.noise *= 2;
  const auto three = make_measurement_table(smoother, parse_csv(header + "a,b,1,1,1,5\n", "x"));
  EXPECT_NE(calibration_inputs(one), calibration_inputs(two));
  EXPECT_NE(calibration_inputs(one), calibration_inputs(three));
}

TEST(CalibrationFile, AMissingFileIsNoCalibration) {
  EXPECT_TRUE(load_calibrations("bench/measurements/none.csv").empty());
}

}  // namespace
}  // namespace windtunnel
