#include "bench/harness/program.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <regex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "simulator/base/error.h"

namespace windtunnel::bench {
namespace {

/// The exit code and stderr of a program `bench` with the arguments "--a" and "b".
std::pair<int, std::string> ended(
    const std::function<ProgramEnd(const std::vector<std::string>&)>& body) {
  std::string name = "bench";
  std::string first = "--a";
  std::string second = "b";
  std::array<char*, 3> arguments{name.data(), first.data(), second.data()};
  ::testing::internal::CaptureStderr();
  const int code = run_program("bench", 3, arguments.data(), body);
  return {code, ::testing::internal::GetCapturedStderr()};
}

TEST(RunProgram, HandsOnTheArgumentsAndTheEnd) {
  std::vector<std::string> seen;
  const auto [code, text] = ended([&](const std::vector<std::string>& arguments) {
    seen = arguments;
    return ProgramEnd::kMissing;
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"--a", "b"}));
  EXPECT_EQ(code, 3);
  EXPECT_EQ(text, "");
}

TEST(RunProgram, SaysWhatWasThrownAndEndsAsTheInterfaceSays) {
  using Ended = std::pair<int, std::string>;
  EXPECT_EQ(ended([](const auto&) -> ProgramEnd { throw UsageError("no such option"); }),
            (Ended{2, "bench: no such option\n"}));
  EXPECT_EQ(ended([](const auto&) -> ProgramEnd { throw std::runtime_error("lost"); }),
            (Ended{70, "bench: lost\n"}));
}

TEST(Today, IsADate) {
  EXPECT_TRUE(std::regex_match(today(), std::regex("20[0-9]{2}-[01][0-9]-[0-3][0-9]")));
}

TEST(NoFolderText, NamesTheDevice) {
  EXPECT_EQ(no_folder_text("GPU 9").rfind("no measurement folder: GPU 9 has no file", 0), 0u);
}

}  // namespace
}  // namespace windtunnel::bench
