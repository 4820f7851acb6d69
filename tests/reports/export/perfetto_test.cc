#include "reports/export/perfetto.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "simulator/base/text_file.h"
#include "tests/base/temporary_folder.h"
#include "tests/reports/export/decoded.h"
#include "tests/reports/export/traced.h"

namespace windtunnel {
namespace {

/// A slice as the trace has it, from its two events.
struct Read {
  std::string name;
  std::uint64_t start;
  std::uint64_t end;
  std::uint64_t depth;

  friend auto operator<=>(const Read&, const Read&) = default;
};

struct ReadTrace {
  std::map<std::uint64_t, std::vector<Read>> tracks;
  std::map<std::uint64_t, std::string> names;      ///< of tracks
  std::map<std::uint64_t, std::uint64_t> parents;  ///< of tracks
  std::vector<std::uint64_t> flows;
  std::vector<std::uint64_t> arrived;
  std::set<std::string> annotations;
};

/// Reads as Perfetto does: times must not go back on a track, every end must close what is open.
ReadTrace read_trace(const std::string& bytes) {
  ReadTrace trace;
  std::map<std::uint64_t, std::string> event_names;
  std::map<std::uint64_t, std::vector<std::size_t>> open;
  std::map<std::uint64_t, std::uint64_t> clock;
  bool first = true;
  for (const std::string& packet : submessages(bytes, 1)) {
    EXPECT_EQ(number(packet, 10), 1U);
    EXPECT_EQ(number(packet, 13), first ? 3U : 2U);
    first = false;
    for (const std::string& track : submessages(packet, 60)) {
      trace.names[number(track, 1)] = text(track, 2);
      trace.parents[number(track, 1)] = number(track, 5);
    }
    for (const std::string& interned : submessages(packet, 12)) {
      for (const std::string& name : submessages(interned, 2)) {
        event_names[number(name, 1)] = text(name, 2);
      }
      for (const std::string& name : submessages(interned, 3)) {
        trace.annotations.insert(text(name, 2));
      }
    }
    for (const std::string& event : submessages(packet, 11)) {
      const std::uint64_t track = number(event, 11);
      const std::uint64_t time = number(packet, 8);
      EXPECT_LE(clock[track], time);
      clock[track] = time;
      auto& stack = open[track];
      if (number(event, 9) == 1) {
        stack.push_back(trace.tracks[track].size());
        const std::string& name = event_names.at(number(event, 10));
        trace.tracks[track].push_back({name, time, 0, stack.size()});
        for (const auto id : numbers(event, 47)) trace.flows.push_back(id);
        for (const auto id : numbers(event, 48)) trace.arrived.push_back(id);
      } else {
        EXPECT_EQ(number(event, 9), 2U);
        if (stack.empty()) {
          ADD_FAILURE() << "an end without a beginning";
          continue;
        }
        trace.tracks[track][stack.back()].end = time;
        stack.pop_back();
      }
    }
  }
  for (const auto& [track, stack] : open) EXPECT_TRUE(stack.empty()) << track;
  return trace;
}

std::string perfetto_bytes(const TracedStep& traced, const std::vector<TraceRank>& ranks,
                           TraceLevel level) {
  const TemporaryFolder folder;
  ByteWriter out(folder.path / "a.pftrace");
  write_perfetto(traced, ranks, level, kWholeStep, out);
  out.finish();
  return read_text_file(folder.path / "a.pftrace");
}

TEST(Perfetto, EverySliceComesBack) {
  for (const TraceLevel level : {TraceLevel::kSlot, TraceLevel::kPhase, TraceLevel::kKernel}) {
    const TraceRank rank{.gpu = 0, .rank = 0, .pipeline = 0};
    std::map<std::string, std::multiset<Read>> expected;
    visit_slices(traced_pair(), rank, level, kWholeStep, [&](const Slice& slice) {
      const auto rounded = [](std::int64_t time) {
        return static_cast<std::uint64_t>((time + 500) / 1000);
      };
      const bool inner = slice.kind == "kernel";
      expected[std::string(lane_name(slice.lane))].insert(
          {slice.name, rounded(slice.start), rounded(slice.end), inner ? 2U : 1U});
    });
    const ReadTrace trace = read_trace(perfetto_bytes(traced_pair(), {rank}, level));
    std::map<std::string, std::multiset<Read>> found;
    for (const auto& [track, slices] : trace.tracks) {
      found[trace.names.at(track)].insert(slices.begin(), slices.end());
      EXPECT_TRUE(trace.names.count(trace.parents.at(track)));
    }
    EXPECT_EQ(found, expected);
  }
}

TEST(Perfetto, ASendHasAnArrowToWhatItFeeds) {
  const TracedStep& traced = traced_pipeline();
  const ReadTrace trace =
      read_trace(perfetto_bytes(traced, first_of_each_rank(traced), TraceLevel::kPhase));
  const std::set<std::uint64_t> sent(trace.flows.begin(), trace.flows.end());
  const std::set<std::uint64_t> arrived(trace.arrived.begin(), trace.arrived.end());
  EXPECT_EQ(sent.size(), 2U * 4 * 8);
  EXPECT_EQ(sent, arrived);
  EXPECT_EQ(trace.names.size(), 16U * 5);  // process, schedule, compute, communication, send
}

TEST(Perfetto, ArrowsNeedBothEnds) {
  const TracedStep& traced = traced_pipeline();
  const ReadTrace trace = read_trace(
      perfetto_bytes(traced, {{.gpu = 0, .rank = 0, .pipeline = 0}}, TraceLevel::kPhase));
  EXPECT_TRUE(trace.flows.empty());
  EXPECT_TRUE(trace.arrived.empty());
}

TEST(Perfetto, SlicesSayWhatTheyRestOn) {
  const ReadTrace trace = read_trace(
      perfetto_bytes(traced_pair(), {{.gpu = 0, .rank = 0, .pipeline = 0}}, TraceLevel::kKernel));
  for (const char* name : {"kind", "micro_batch", "stage", "block", "basis", "price"}) {
    EXPECT_TRUE(trace.annotations.count(name)) << name;
  }
}

}  // namespace
}  // namespace windtunnel
