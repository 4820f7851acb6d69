#include "simulator/profile/open_events.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/profile/profiles.h"

namespace windtunnel {
namespace {

constexpr std::int64_t kLongest = 1'000'000;

/// With two tracks.
Profile two_tracks() {
  Profile profile;
  for (const char* thread : {"7", "20"}) {
    profile.tracks.push_back({.process = profile.texts.number_of("0"),
                              .thread = profile.texts.number_of(thread),
                              .kernels = {},
                              .annotations = {}});
  }
  return profile;
}

// Kernel 1 opens at 10, within it annotation 2 from 12 to 15; kernel 1 ends at 20. The events of
// the other track lie between and change nothing.
TEST(OpenEvents, AnEndClosesWhatWasOpenedLastOnItsTrack) {
  Profile profile = two_tracks();
  OpenEvents events;
  events.begin(0, 10, Opened::kKernel, 1, 100);
  events.begin(1, 11, Opened::kKernel, 3, 200);
  events.begin(0, 12, Opened::kAnnotation, 2, 300);
  events.end(0, 15, 400);
  events.end(1, 19, 500);
  events.end(0, 20, 600);
  events.close(profile, kLongest);
  ASSERT_EQ(profile.tracks[0].kernels.size(), 1U);
  EXPECT_EQ(profile.tracks[0].kernels[0].start, 10);
  EXPECT_EQ(profile.length(profile.tracks[0].kernels[0]), 10);
  EXPECT_EQ(profile.tracks[0].kernels[0].what, 1U);
  ASSERT_EQ(profile.tracks[0].annotations.size(), 1U);
  EXPECT_EQ(profile.length(profile.tracks[0].annotations[0]), 3);
  ASSERT_EQ(profile.tracks[1].kernels.size(), 1U);
  EXPECT_EQ(profile.length(profile.tracks[1].kernels[0]), 8);
  EXPECT_EQ(profile.open_ended.count, 0);
}

TEST(OpenEvents, TheOrderOfTheFileDoesNotMatter) {
  Profile profile = two_tracks();
  OpenEvents events;
  events.end(0, 40, 1);
  events.begin(0, 30, Opened::kKernel, 6, 2);
  events.end(0, 20, 3);
  events.begin(0, 10, Opened::kKernel, 5, 4);
  events.close(profile, kLongest);
  ASSERT_EQ(profile.tracks[0].kernels.size(), 2U);
  EXPECT_EQ(profile.tracks[0].kernels[0].what, 5U);
  EXPECT_EQ(profile.tracks[0].kernels[1].what, 6U);
  EXPECT_EQ(profile.length(profile.tracks[0].kernels[1]), 10);
}

/// The lengths of kernels `count` from 0 on, by `what`; -1 for one that is not there.
std::vector<std::int64_t> lengths(const Profile& profile, std::size_t count) {
  std::vector<std::int64_t> all(count, -1);
  for (const Span& span : profile.tracks[0].kernels) all[span.what] = profile.length(span);
  return all;
}

// Kernel 0 from 0 to 10 and kernel 1 from there to 30, as all 24 orders of the file have them.
TEST(OpenEvents, AnEndComesBeforeWhatBeginsAtItsTime) {
  for (const bool named : {false, true}) {
    std::vector<int> order = {0, 1, 2, 3};
    do {
      Profile profile = two_tracks();
      OpenEvents events;
      for (std::size_t byte = 0; byte < order.size(); ++byte) {
        const auto what = static_cast<std::uint32_t>(order[byte] / 2);
        const std::uint32_t name = named ? what : kUnnamed;
        if (order[byte] % 2 == 0) {
          events.begin(0, what == 0 ? 0 : 10, Opened::kKernel, what, byte, name);
        } else {
          events.end(0, what == 0 ? 10 : 30, byte, name);
        }
      }
      events.close(profile, kLongest);
      EXPECT_EQ(lengths(profile, 2), (std::vector<std::int64_t>{10, 20}));
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

// Kernel 0 from 0 to 20; at 10 kernel 1 begins and ends.
TEST(OpenEvents, ALengthOfZeroEndsAfterItBegan) {
  for (const bool reversed : {false, true}) {
    Profile profile = two_tracks();
    OpenEvents events;
    events.begin(0, 0, Opened::kKernel, 0, 1, 0);
    events.begin(0, 10, Opened::kKernel, 1, reversed ? 3 : 2, 1);
    events.end(0, 10, reversed ? 2 : 3, 1);
    events.end(0, 20, 4, 0);
    events.close(profile, kLongest);
    EXPECT_EQ(lengths(profile, 2), (std::vector<std::int64_t>{20, 0}));
  }
}

// Two that overlap, as no stack has them: only their names say which one ends.
TEST(OpenEvents, AnEndWithANameClosesWhatBearsIt) {
  Profile profile = two_tracks();
  OpenEvents events;
  events.begin(0, 0, Opened::kKernel, 0, 1, 0);
  events.begin(0, 5, Opened::kKernel, 1, 2, 1);
  events.end(0, 10, 3, 0);
  events.begin(0, 20, Opened::kKernel, 2, 4, 2);
  events.end(0, 25, 5, 7);  // no such name is open: of what was opened last
  events.end(0, 30, 6, 1);
  events.close(profile, kLongest);
  EXPECT_EQ(lengths(profile, 3), (std::vector<std::int64_t>{10, 25, 5}));
  EXPECT_EQ(profile.open_ended.count, 0);
}

TEST(OpenEvents, WhatHasNoPartnerIsCountedWithTheFirstPlace) {
  Profile profile = two_tracks();
  OpenEvents events;
  events.end(0, 5, 70);                         // of nothing
  events.begin(0, 10, Opened::kKernel, 1, 50);  // never ends
  events.begin(0, 12, Opened::kOther, 0, 60);   // nor does this, which is no kernel
  events.begin(1, 10, Opened::kKernel, 1, 90);  // ends after too long
  events.end(1, 10 + kLongest + 1, 95);
  events.close(profile, kLongest);
  EXPECT_EQ(profile.open_ended.count, 3);
  EXPECT_EQ(profile.open_ended.first_byte, 50U);
  EXPECT_TRUE(profile.tracks[0].kernels.empty());
  EXPECT_TRUE(profile.tracks[1].kernels.empty());
}

TEST(OpenEvents, ANameInTheFileSaysWhatEnds) {
  const Profile profile =
      profile_of(file_of({R"({"ph":"B","cat":"kernel","name":"a","pid":0,"tid":7,"ts":0})",
                          R"({"ph":"B","cat":"kernel","name":"b","pid":0,"tid":7,"ts":5})",
                          R"({"ph":"E","name":"a","pid":0,"tid":7,"ts":10})",
                          R"({"ph":"E","name":"b","pid":0,"tid":7,"ts":30})"}));
  ASSERT_EQ(profile.tracks[0].kernels.size(), 2U);
  EXPECT_EQ(profile.length(profile.tracks[0].kernels[0]), 10'000);
  EXPECT_EQ(profile.length(profile.tracks[0].kernels[1]), 25'000);
}

// The same kernel as one complete event and as two: at 1.5 us for 2.25 us.
TEST(OpenEvents, AFileMayHaveBothKindsOfEvents) {
  const Profile profile = profile_of(file_of(
      {R"({"ph":"E","pid":0,"tid":7,"ts":"13.75"})",
       R"({"ph":"B","cat":"kernel","name":"a","pid":0,"tid":7,"ts":11.5,"args":{"grid":[4,1,1]}})",
       R"({"ph":"B","cat":"cpu_op","name":"aten::mm","pid":9,"tid":9,"ts":1})",
       R"({"ph":"E","pid":9,"tid":9,"ts":99})", kernel("a", "7", "1.5", "2.25")}));
  const Track* stream = nullptr;
  for (const Track& track : profile.tracks) {
    if (!track.kernels.empty()) stream = &track;
  }
  ASSERT_NE(stream, nullptr);
  ASSERT_EQ(stream->kernels.size(), 2U);
  EXPECT_EQ(stream->kernels[0].start, 1500);
  EXPECT_EQ(stream->kernels[1].start, 11500);
  for (const Span& span : stream->kernels) EXPECT_EQ(profile.length(span), 2250);
  EXPECT_EQ(profile.texts[profile.kinds[stream->kernels[1].what].grid], "4x1x1");
  EXPECT_EQ(profile.first, 1000);
  EXPECT_EQ(profile.last, 99000);
  EXPECT_EQ(profile.open_ended.count, 0);
}

}  // namespace
}  // namespace windtunnel
