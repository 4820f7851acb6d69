#include "bench/collectives/options.h"

#include <gtest/gtest.h>

#include "simulator/base/error.h"

namespace windtunnel::bench {
namespace {

TEST(CollectiveOptions, WithoutArgumentsEverythingIsSwept) {
  const CollectiveOptions options = parse_collective_options({});
  EXPECT_EQ(options.over, Over::kGpus);
  EXPECT_EQ(options.sweep.kinds.size(), std::size(kCollectives));
  EXPECT_EQ(options.sweep.skews.size(), std::size(kSkews));
  EXPECT_EQ(options.sweep.least, 1 << 10);
  EXPECT_EQ(options.sweep.most, 256 << 20);
}

TEST(CollectiveOptions, ChooseKindsSkewsAndSizes) {
  const CollectiveOptions options =
      parse_collective_options({"--over", "hosts", "--operations", "alltoallv,all_reduce", "--skew",
                                "hot", "--least", "8K", "--most", "2M", "--factor", "2"});
  EXPECT_EQ(options.over, Over::kHosts);
  EXPECT_EQ(options.sweep.kinds, (std::vector{Collective::kAllReduce, Collective::kAllToAllV}));
  EXPECT_EQ(options.sweep.skews, std::vector{Skew::kHot});
  EXPECT_EQ(options.sweep.least, 8 << 10);
  EXPECT_EQ(options.sweep.most, 2 << 20);
  EXPECT_EQ(options.sweep.factor, 2);
}

TEST(CollectiveOptions, WhatMakesNoSenseIsRefused) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--least", "0"},
                                                {"--least", "-4"},
                                                {"--most", "9999999999999T"},
                                                {"--factor", "1"},
                                                {"--samples", "0"},
                                                {"--operations", "gather"},
                                                {"--skew", "cold"},
                                                {"--over", "air"},
                                                {"--least", "2M", "--most", "1M"},
                                                {"stray"}}) {
    EXPECT_THROW(parse_collective_options(words), UsageError) << words[0];
  }
}

}  // namespace
}  // namespace windtunnel::bench
