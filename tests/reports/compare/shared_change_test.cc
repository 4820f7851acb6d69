#include "reports/compare/shared_change.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace windtunnel {
namespace {

constexpr double kError = 0.005;
constexpr double kLeast = 0.01;

/// Changes in per cent, each of a family of its own unless `families` says otherwise.
std::vector<SharedChange> shared(const std::vector<double>& percent,
                                 const std::vector<std::string>& families = {},
                                 bool clocked = false) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < percent.size(); ++i) {
    names.push_back(families.empty() ? std::to_string(i) : families[i]);
  }
  std::vector<FileChange> file;
  for (std::size_t i = 0; i < percent.size(); ++i) {
    const int side = percent[i] > 2 ? 1 : percent[i] < -2 ? -1 : 0;
    file.push_back({.family = names[i],
                    .change = percent[i] / 100,
                    .error = kError,
                    .side = side,
                    .clocked = clocked});
  }
  return shared_changes(file, kLeast);
}

std::vector<Company> company(const std::vector<SharedChange>& shared) {
  std::vector<Company> all;
  for (const SharedChange& it : shared) all.push_back(it.company);
  return all;
}

constexpr Company kNo = Company::kNone;

TEST(SharedChange, OneThatChangesAmongOthersIsAlone) {
  EXPECT_EQ(company(shared({0.4, -0.3, 5, 0.2, 0.9, -0.8})), std::vector<Company>(6, kNo));
  EXPECT_EQ(company(shared({5})), std::vector<Company>{kNo});
  EXPECT_EQ(company(shared({0, 5})), std::vector<Company>(2, kNo));
}

TEST(SharedChange, WhatAllDoIsTheirMedian) {
  const auto all = shared({5, 4.6, 5.2, 20, 5.1, 4.9});
  for (const SharedChange& it : all) {
    EXPECT_EQ(it.company, Company::kAll);
    EXPECT_NEAR(it.level, 0.0505, 1e-9);
  }
}

// Five kernels that slow down by different factors are no clock; nor are fewer than five.
TEST(SharedChange, DifferentFactorsAndFewBenchmarksAreNotAll) {
  const std::vector<std::string> one(5, "gemm");
  EXPECT_EQ(company(shared({4, 8, 12, 16, 20}, one)), std::vector<Company>(5, kNo));
  EXPECT_EQ(company(shared({5, 5, 5, 5}, std::vector<std::string>(4, "gemm"))),
            std::vector<Company>(4, kNo));
}

TEST(SharedChange, HalfOfAFileIsNotAllAndWhoGoesTheOtherWaySharesNothing) {
  const std::vector<std::string> one(8, "gemm");
  EXPECT_EQ(company(shared({5, 5, 5, 5, 5, 0, 0, 0}, one)), std::vector<Company>(8, kNo));
  const auto most = shared({5, 5, 5, 5, 5, 5, 5, -20}, one);
  EXPECT_EQ(most[0].company, Company::kAll);
  EXPECT_EQ(most[7].company, kNo);
}

TEST(SharedChange, NeighboursWhoseClocksAreKnownSayNothing) {
  std::vector<FileChange> file;
  const std::vector<std::string> names = {"a", "b", "c", "d", "e"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    file.push_back({.family = names[i],
                    .change = i < 3 ? 0.05 : 0,
                    .error = kError,
                    .side = i < 3 ? 1 : 0,
                    .clocked = i == 1});
  }
  EXPECT_EQ(company(shared_changes(file, kLeast)), std::vector<Company>(5, kNo));
  file[1].clocked = false;
  EXPECT_EQ(shared_changes(file, kLeast)[1].company, Company::kNeighbours);
}

TEST(SharedChange, ThreeUnrelatedNeighboursShareALevelAndTwoDoNot) {
  const auto three = shared({0, 0, 0, 5, 6, 5.5, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(three[3].company, Company::kNeighbours);
  EXPECT_NEAR(three[3].level, 0.065, 1e-9);  // it grows from 5.5 to 6, and half a per cent more
  EXPECT_NEAR(three[4].level, 0.05, 1e-9);
  EXPECT_EQ(three[6].company, kNo);
  const auto two = shared({0, 0, 0, 5, 6, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(company(two), std::vector<Company>(12, kNo));
}

TEST(SharedChange, AFamilyMaySlowDownAsAWhole) {
  const std::vector<std::string> families = {"a", "b", "gemm", "gemm", "gemm", "gemm",
                                             "c", "d", "e",    "f",    "g",    "h"};
  EXPECT_EQ(company(shared({0, 0, 5, 5, 5, 5, 0, 0, 0, 0, 0, 0}, families)),
            std::vector<Company>(12, kNo));
  const auto more = shared({0, 0, 0, 5, 5, 5, 5, 5, 0, 0, 0, 0}, families);
  EXPECT_EQ(more[3].company, Company::kNeighbours);  // `c` and `d` are none of it
}

TEST(SharedChange, AsMuchTheOtherWayIsALevelUnlessNearlyAllGoOneWay) {
  const auto both = shared({5, 0, -5, 0, 5, 0, -4, 0, 0, 0, 0, 0});
  for (const std::size_t i : {0U, 2U, 4U, 6U}) EXPECT_EQ(both[i].company, Company::kOpposite) << i;
  const auto sizes = shared({5, 0, -15, 0, 0, 0, 0, 0});
  EXPECT_EQ(company(sizes), std::vector<Company>(8, kNo));
  std::vector<double> mostly;
  for (int i = 0; i < 10; ++i) mostly.insert(mostly.end(), {5, 0, 0});
  mostly[2] = -5;
  const auto one_way = shared(mostly);
  EXPECT_EQ(one_way[0].company, kNo);
  EXPECT_EQ(one_way[2].company, Company::kOpposite);
  std::vector<double> large;  // 40 slower and 8 faster of 144
  for (int i = 0; i < 48; ++i) large.insert(large.end(), {i % 6 == 5 ? -5.0 : 5.0, 0, 0});
  EXPECT_EQ(shared(large)[0].company, kNo);
}

// Machines on two levels move more of a file than a change of a few kernels does.
TEST(SharedChange, AFewAmongManyWhoKeepTheirTimeAreNoLevel) {
  std::vector<double> row(16, 0);
  for (const std::size_t i : {3U, 4U, 5U}) row[i] = 5;
  EXPECT_EQ(company(shared(row)), std::vector<Company>(16, kNo));
  row[12] = -5;  // now a quarter of them has changed
  EXPECT_EQ(shared(row)[3].company, Company::kOpposite);
  std::vector<double> traded(16, 0);
  traded[2] = 5;
  traded[9] = -5;
  EXPECT_EQ(company(shared(traded)), std::vector<Company>(16, kNo));
}

TEST(SharedChange, NoClockExplainsTwiceTheTime) {
  EXPECT_EQ(company(shared(std::vector<double>(6, 69))), std::vector<Company>(6, kNo));
  EXPECT_EQ(company(shared(std::vector<double>(6, 40))), std::vector<Company>(6, Company::kAll));
}

TEST(SharedChange, WhereClocksAreKnownTheyDecide) {
  EXPECT_EQ(company(shared({5, 5, 5, 5, 5, 5}, {}, true)), std::vector<Company>(6, kNo));
}

TEST(SharedChange, TheFamilyIsTheNamesBeginning) {
  EXPECT_EQ(family_of("BM_gemm/64/manual_time"), "BM_gemm");
  EXPECT_EQ(family_of("gemm bf16 m=1"), "gemm");
  EXPECT_EQ(family_of("plain"), "plain");
}

}  // namespace
}  // namespace windtunnel
