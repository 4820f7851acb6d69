#include <gtest/gtest.h>

#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

/// What bash offers for the last of `words`, as its completion would.
std::string offered(const std::string& words) {
  static const std::string kScript = run_program({"completion", "bash"}).out;
  const TemporaryFolder folder;
  const std::string script = folder.write("windtunnel.bash", kScript).string();
  const std::string ask = "source " + script + "; COMP_WORDS=(" + words +
                          "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _windtunnel; "
                          "printf '%s\\n' \"${COMPREPLY[@]}\" | sort -u";
  const Ran ran = run_command({"/bin/bash", "-c", ask});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  return ran.out;
}

TEST(CompletionScript, OffersCommandsOptionsAndTheirWords) {
  EXPECT_EQ(offered("windtunnel simu"), "simulate\n");
  EXPECT_EQ(offered("windtunnel simulate --fi"), "--fidelity\n");
  EXPECT_EQ(offered("windtunnel simulate --fidelity ''"), "folded\nfull\n");
  EXPECT_EQ(offered("windtunnel simulate --fidelity = fu"), "full\n");
  EXPECT_EQ(offered("windtunnel --quiet simulate x.toml --progress al"), "always\n");
  EXPECT_EQ(offered("windtunnel completion ''"), "bash\nfish\nzsh\n");
}

TEST(CompletionScript, OffersScenariosGpusAndKeys) {
  EXPECT_EQ(offered("windtunnel simulate scenarios/deepseek-v3/pre"), kPretrain + "\n");
  EXPECT_EQ(offered("windtunnel price gemm --gpu h8"), "h800\n");
  EXPECT_EQ(offered("windtunnel simulate x.toml --set parallelism.pipe"),
            "parallelism.pipeline=\n");
  EXPECT_EQ(offered("windtunnel report x.toml -o READ"), "README.md\n");
  EXPECT_EQ(offered("windtunnel simulate READ"), "\n");
}

// Options of several commands are in the scripts of all three shells.
TEST(CompletionScript, HasEveryOptionOfEveryShell) {
  const std::string bash = run_program({"completion", "bash"}).out;
  const std::string zsh = run_program({"completion", "zsh"}).out;
  const std::string fish = run_program({"completion", "fish"}).out;
  for (const char* option : {"explain", "fidelity", "filter", "output", "shapes", "json", "for"}) {
    EXPECT_NE(bash.find(std::string("--") + option), std::string::npos) << option;
    EXPECT_NE(zsh.find(std::string("--") + option), std::string::npos) << option;
    EXPECT_NE(fish.find(std::string("-l ") + option), std::string::npos) << option;
  }
}

}  // namespace
}  // namespace windtunnel
