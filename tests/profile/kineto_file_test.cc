#include "simulator/profile/kineto_file.h"

#include <gtest/gtest.h>

#include "simulator/base/byte_stream.h"
#include "simulator/base/error.h"
#include "tests/base/temporary_folder.h"
#include "tests/profile/profiles.h"

namespace windtunnel {
namespace {

std::size_t kernels_in(const Profile& profile) {
  std::size_t count = 0;
  for (const Track& track : profile.tracks) count += track.kernels.size();
  return count;
}

std::string problem_of(const std::string& text) {
  try {
    profile_of(text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(KinetoFile, ReadsAKernelWithItsGridStreamAndTimes) {
  const Profile profile = profile_of(R"({"deviceProperties":[{"id":0,"name":"NVIDIA H800",
    "totalGlobalMem":1,"x":{"name":"no"}}],"distributedInfo":{"backend":"nccl","rank":3,
    "world_size":64,"pg_config":[{"rank":9}]},"traceEvents":[
    {"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":1000.5,"dur":2.25,
     "args":{"External id":5,"grid":[128,32,1],"block":[256,1,1],"name":"inner"}}]})");
  EXPECT_EQ(profile.gpu, "NVIDIA H800");
  EXPECT_EQ(profile.rank, 3);
  EXPECT_EQ(profile.world_size, 64);
  ASSERT_EQ(profile.tracks.size(), 1U);
  const Track& track = profile.tracks[0];
  EXPECT_EQ(profile.texts[track.process], "0");
  EXPECT_EQ(profile.texts[track.thread], "7");
  ASSERT_EQ(track.kernels.size(), 1U);
  EXPECT_EQ(track.kernels[0].start, 1000500);
  EXPECT_EQ(track.kernels[0].length, 2250U);
  const KernelKind& kind = profile.kinds[track.kernels[0].what];
  EXPECT_EQ(profile.texts[kind.name], "k");
  EXPECT_EQ(profile.texts[kind.grid], "128x32x1");
}

// What DeepSeek's profile and others do: texts for numbers, events in any order, flows without a
// partner, metadata last, keys in any order, the profiler's own span.
TEST(KinetoFile, TakesWhatProfilersWrite) {
  const Profile profile = profile_of(R"json([
    {"dur":"4","ts":"10","tid":"stream 7","pid":"GPU 0","name":"b","cat":"kernel","ph":"X"},
    {"ph":"f","id":1,"pid":0,"tid":7,"ts":3,"cat":"ac2g","name":"ac2g","bp":"e"},
    {"ph":"X","cat":"kernel","name":"a","pid":"GPU 0","tid":"stream 7","ts":2,"dur":1.5},
    {"ph":"X","cat":"Trace","name":"PyTorch Profiler (0)","pid":"Spans","tid":"x","ts":0,"dur":99},
    {"ph":"M","name":"process_name","pid":0,"args":{"name":"python"}},
    {"ph":"X","cat":"cpu_op","name":"aten::mm","pid":1,"tid":1,"ts":1,"dur":2,
     "args":{"Input Dims":[[1,2],[]],"x":NaN,"y":-Infinity,"z":null,"w":true}},
    5, "text", [1,[2]]])json");
  EXPECT_EQ(kernels_in(profile), 2U);
  EXPECT_EQ(profile.tracks[0].kernels[0].start, 2000);
  EXPECT_EQ(profile.tracks[0].kernels[1].start, 10000);
  EXPECT_EQ(profile.first, 1000);
  EXPECT_EQ(profile.last, 14000);
  EXPECT_EQ(profile.events, 6);
}

TEST(KinetoFile, ControlCharactersInNamesAreBlanks) {
  const Profile profile = profile_of(file_of({kernel("a\x01\nb", "7", "1", "1")}));
  EXPECT_EQ(profile.texts[profile.kinds[0].name], "a  b");
}

TEST(KinetoFile, TheLastOfTwoEqualKeysCounts) {
  const Profile profile =
      profile_of(R"([{"ph":"X","cat":"kernel","name":"a","pid":0,"tid":1,"ts":1,"ts":5,"dur":1}])");
  EXPECT_EQ(profile.tracks[0].kernels[0].start, 5000);
}

TEST(KinetoFile, KernelsWithoutATimeAreCountedWithTheirPlace) {
  const std::string good = kernel("a", "7", "1", "1");
  for (const char* time : {"NaN", "\"1e400\"", "\"x\"", "null", "[1]", "99999999999999999999999"}) {
    const Profile profile = profile_of(file_of({good, kernel("b", "7", time, "1")}));
    EXPECT_EQ(kernels_in(profile), 1U) << time;
    EXPECT_EQ(profile.timeless.count, 1) << time;
    EXPECT_EQ(profile.timeless.first_byte,
              std::string(R"({"schemaVersion":1,"traceEvents":[)").size() + good.size() + 1)
        << time;
  }
  EXPECT_EQ(profile_of(file_of({kernel("b", "7", "1", "-1")})).timeless.count, 1);
}

TEST(KinetoFile, BrokenTextIsAnErrorWithItsByte) {
  const std::string whole = file_of({kernel("a", "7", "1", "1"), kernel("b", "7", "3", "1")});
  EXPECT_EQ(problem_of(whole), "");
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
    const std::string text = problem_of(whole.substr(0, size));
    EXPECT_EQ(
        text.find("p.json: byte " + std::to_string(size) + ": error: the file ends too early"), 0U)
        << text;
  }
  std::string broken = whole;
  broken[40] = '}';
  const std::string text = problem_of(broken);
  EXPECT_EQ(text.find("p.json: byte 4"), 0U) << text;
  EXPECT_NE(text.find("near: "), std::string::npos) << text;
  EXPECT_NE(problem_of(file_of({kernel("a", "7", "1e400", "1")})).find("Number too big"),
            std::string::npos);
  EXPECT_NE(problem_of(whole + "]"), "");
  EXPECT_NE(problem_of("\x89PNG"), "");
}

TEST(KinetoFile, AByteOrderMarkIsSkippedAndPartOfOneIsNot) {
  const std::string text = file_of({kernel("a", "7", "1", "1")});
  EXPECT_EQ(kernels_in(profile_of("\xEF\xBB\xBF" + text)), 1U);
  EXPECT_NE(problem_of("\xEF\xBB" + text).find("byte 2: error: half a byte order mark"),
            std::string::npos);
}

TEST(KinetoFile, EveryCutIsRefused) {
  const std::string whole = file_of({kernel("a\\u0041\\n", "\"s\"", "1.5", "1e0")});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(problem_of(whole.substr(0, size)), "") << size;
  }
}

TEST(KinetoFile, DeepNestingIsRefusedAndNoCrash) {
  const std::string deep = "[" + std::string(100000, '[');
  EXPECT_NE(problem_of(deep).find("nests deeper than 512 levels"), std::string::npos);
  const std::string fine = "[{\"args\":" + std::string(400, '[') + std::string(400, ']') + "}]";
  EXPECT_EQ(problem_of(fine), "");
}

TEST(KinetoFile, GzipIsReadByItsContent) {
  const TemporaryFolder folder;
  ByteWriter out(folder.path / "a.json.gz");
  out.write(file_of({kernel("a", "7", "1", "1")}));
  out.finish();
  std::filesystem::rename(folder.path / "a.json.gz", folder.path / "a.json");
  EXPECT_EQ(kernels_in(read_kineto(folder.path / "a.json")), 1U);
}

TEST(KinetoFile, AnEmptyListOfEventsIsAProfileAndNoListIsNone) {
  for (const char* text : {"[]", R"({"traceEvents":[]})"}) {
    EXPECT_EQ(profile_of(text).events, 0) << text;
  }
  for (const char* text : {"{}", R"({"traceEvents":{}})", "7"}) {
    EXPECT_THROW(profile_of(text), UsageError) << text;
  }
}

}  // namespace
}  // namespace windtunnel
