#include "simulator/profile/profile.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

TEST(TextTable, KeepsEachTextOnce) {
  TextTable texts;
  const std::uint32_t a = texts.number_of("a");
  for (int i = 0; i < 1000; ++i) texts.number_of(std::to_string(i));
  EXPECT_EQ(texts.number_of("a"), a);
  EXPECT_EQ(texts.size(), 1001U);
  const TextTable moved = std::move(texts);
  EXPECT_EQ(moved[a], "a");
}

TEST(Profile, KeepsAnyLengthInSixteenBytes) {
  static_assert(sizeof(Span) == 16);
  Profile profile;
  for (const std::int64_t length : {std::int64_t{0}, std::int64_t{2147483647},
                                    std::int64_t{2147483648}, std::int64_t{86400000000000}}) {
    const Span span = profile.make_span(7, length, 3);
    EXPECT_EQ(profile.length(span), length);
    EXPECT_EQ(profile.end(span), 7 + length);
  }
  EXPECT_EQ(profile.long_lengths.size(), 2U);
}

TEST(Profile, SortsByStartWithWhatEnclosesFirst) {
  Profile profile;
  profile.tracks.push_back({.process = 0, .thread = 0, .kernels = {}, .annotations = {}});
  auto& spans = profile.tracks[0].annotations;
  spans.push_back(profile.make_span(5, 1, 0));
  spans.push_back(profile.make_span(0, 3, 1));
  spans.push_back(profile.make_span(0, 9, 2));
  sort_spans(profile);
  EXPECT_EQ(spans[0].what, 2U);
  EXPECT_EQ(spans[1].what, 1U);
  EXPECT_EQ(spans[2].what, 0U);
}

}  // namespace
}  // namespace windtunnel
