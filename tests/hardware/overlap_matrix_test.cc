#include "simulator/hardware/overlap_matrix.h"

#include <gtest/gtest.h>

#include "simulator/base/error.h"

namespace windtunnel {
namespace {

const std::string kColumns =
    "compute,compute_dtype,communication,communication_dtype,compute_sms,communication_sms,"
    "compute_alone_us,compute_beside_us,communication_alone_us,communication_beside_us\n";

OverlapMatrix matrix_of(const std::string& rows) {
  return make_overlap_matrix(parse_csv(kColumns + rows, "overlap.csv"));
}

std::string overlap_error(const std::string& rows) {
  try {
    matrix_of(rows);
  } catch (const ConfigError& error) {
    const std::string text = error.what();
    return text.substr(0, text.find('\n'));
  }
  return "";
}

TEST(OverlapMatrix, SlowDownsAreTimesBesideOverTimesAlone) {
  const OverlapMatrix matrix = matrix_of(
      "gemm,fp8,loopback_dispatch,fp8,112,20,400,500,1000,1200\n"
      "gemm,fp8,loopback_dispatch,fp8,108,24,420,504,900,990\n"
      "gemm,fp8,none,,132,0,360,,,\n");
  ASSERT_EQ(matrix.cells.size(), 3U);
  const OverlapKey key{Operation::kGemm, Dtype::kFp8, Operation::kLoopbackDispatch, Dtype::kFp8,
                       20};
  const OverlapCell* cell = find_overlap(matrix, key);
  ASSERT_NE(cell, nullptr);
  EXPECT_DOUBLE_EQ(cell->compute_slowdown, 1.25);
  EXPECT_DOUBLE_EQ(cell->communication_slowdown, 1.2);
  EXPECT_DOUBLE_EQ(cell->compute_alone.value, 400e-6);
  EXPECT_EQ(matrix.cells[2].communication, std::nullopt);
  EXPECT_EQ(matrix.cells[2].compute_slowdown, 1);
}

TEST(OverlapMatrix, WhatWasNotMeasuredIsNotFound) {
  const OverlapMatrix matrix = matrix_of("gemm,fp8,loopback_dispatch,fp8,112,20,400,500,10,12\n");
  const OverlapKey key{Operation::kGemm, Dtype::kFp8, Operation::kLoopbackDispatch, Dtype::kFp8,
                       20};
  OverlapKey other = key;
  other.communication_sms = 24;
  EXPECT_EQ(find_overlap(matrix, other), nullptr);
  other = key;
  other.compute_dtype = Dtype::kBf16;
  EXPECT_EQ(find_overlap(matrix, other), nullptr);
  other = key;
  other.communication = Operation::kLoopbackCombine;
  EXPECT_EQ(find_overlap(matrix, other), nullptr);
}

TEST(OverlapMatrix, BrokenRowsAreRefusedWhereTheyAreBroken) {
  const std::string fine = "gemm,fp8,loopback_dispatch,fp8,112,20,400,500,10,12\n";
  EXPECT_EQ(overlap_error(fine), "");
  EXPECT_EQ(overlap_error("gem,fp8,loopback_dispatch,fp8,112,20,400,500,10,12\n"),
            "overlap.csv:2:1: error: unknown operation `gem`");
  EXPECT_EQ(overlap_error("gemm,fp9,loopback_dispatch,fp8,112,20,400,500,10,12\n"),
            "overlap.csv:2:6: error: unknown dtype `fp9`");
  EXPECT_EQ(overlap_error("gemm,fp8,loopback_dispatch,fp8,0,20,400,500,10,12\n"),
            "overlap.csv:2:32: error: compute_sms is out of range");
  EXPECT_EQ(overlap_error("gemm,fp8,loopback_dispatch,fp8,112,0,400,500,10,12\n"),
            "overlap.csv:2:36: error: `none` has no SMs, and everything else some");
  EXPECT_EQ(overlap_error("gemm,fp8,none,,132,0,400,500,,\n"),
            "overlap.csv:2:26: error: nothing runs beside `none`");
  EXPECT_EQ(overlap_error("gemm,fp8,none,,132,20,400,,,\n"),
            "overlap.csv:2:20: error: `none` has no SMs, and everything else some");
  for (const std::string time : {"0", "-1", "1e300", "fast", ""}) {
    EXPECT_NE(overlap_error("gemm,fp8,loopback_dispatch,fp8,112,20," + time + ",500,10,12\n"), "")
        << time;
  }
  EXPECT_EQ(overlap_error(fine + fine), "overlap.csv:3:1: error: this pair stands here twice");
  EXPECT_THROW(make_overlap_matrix(parse_csv("compute\ngemm\n", "x.csv")), ConfigError);
}

}  // namespace
}  // namespace windtunnel
