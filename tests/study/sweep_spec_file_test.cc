#include <gtest/gtest.h>

#include <algorithm>

#include "tests/base/message.h"
#include "tests/study/sweep_specs.h"

namespace windtunnel {
namespace {

std::string spec_problem(const std::string& text,
                         const std::string& scenario = "gpt/a100-node.toml") {
  const TemporaryFolder folder;
  return folder.without_folder(message_of([&] { spec_of(folder, text, scenario); }));
}

TEST(SweepSpecFile, AnUnknownKeyIsShownWhereTheSweepNamesIt) {
  EXPECT_EQ(spec_problem("[[axes]]\nkey = \"parallelism.tensors\"\nvalues = [1]\n"),
            "sweep.toml:3:7: error: unknown key `tensors` in parallelism, did you mean `tensor`?\n"
            "   3 | key = \"parallelism.tensors\"\n"
            "     |       ^\n"
            "  accepted: pipeline, expert, expert_tensor, tensor, sequence_parallel, context, "
            "zero_stage, shard_group\n");
}

TEST(SweepSpecFile, EveryValueIsTriedOnTheKeyBeforeAnythingRuns) {
  EXPECT_NE(spec_problem("[[axes]]\nkey = \"run.tokens\"\nvalues = [\"1 B\", \"2 GB/s\"]\n")
                .find("sweep.toml:4:18: error: "),
            std::string::npos);
  EXPECT_NE(spec_problem("[[axes]]\nkey = \"parallelism.tensor\"\nfrom = 0\nto = 8\nstep = 2\n")
                .find("sweep.toml:4:8: error: 0 is out of range"),
            std::string::npos);
  EXPECT_NE(spec_problem("[[axes]]\nkey = \"cluster.nodez\"\nvalues = [2]\n")
                .find("sweep.toml:3:7: error: unknown key `nodez`"),
            std::string::npos);
  EXPECT_NE(spec_problem("[[points]]\nmodel.vocabulary = \"many\"\n")
                .find("sweep.toml:3:20: error: expected an integer"),
            std::string::npos);
  EXPECT_NE(spec_problem("[[axes]]\nkey = \"framework\"\nvalues = [\"vlm\"]\n",
                         "deepseek-v3/serve-h200.toml")
                .find("sweep.toml:4:11: error: "),
            std::string::npos);
}

TEST(SweepSpecFile, WhatIsNoSweepIsShown) {
  EXPECT_NE(spec_problem("").find("a sweep through nothing"), std::string::npos);
  EXPECT_NE(spec_problem("grid = 1\n").find("unknown key `grid`"), std::string::npos);
  EXPECT_NE(spec_problem("[[axes]]\nkey = \"run.tokens\"\nfrom = \"1 B\"\nto = \"2 B\"\n")
                .find("a range without a step"),
            std::string::npos);
  const std::string twice = spec_problem(
      "[[axes]]\nkey = \"batch.micro_batch\"\nvalues = [1]\n[[points]]\nbatch.micro_batch = 2\n");
  EXPECT_NE(twice.find("`batch.micro_batch` is changed twice"), std::string::npos);
  EXPECT_NE(twice.find("it is also changed here"), std::string::npos);
  const TemporaryFolder folder;
  const auto nowhere = folder.write("s.toml", "scenario = \"no.toml\"\n[[points]]\na = 1\n");
  EXPECT_NE(message_of([&] { load_sweep(nowhere); }).find("s.toml:1:12: error: can't read"),
            std::string::npos);
}

TEST(SweepSpecFile, NamesEveryFileThatItRestsOn) {
  const TemporaryFolder folder;
  const SweepSpec spec = spec_of(folder, "[[axes]]\nkey = \"batch.micro_batch\"\nvalues = [1]\n");
  for (const char* name : {"sweep.toml", "a100-node.toml", "gpt-megatron.toml", "a100-8.toml"}) {
    EXPECT_TRUE(std::any_of(spec.files.begin(), spec.files.end(), [&](const auto& file) {
      return file.filename() == name;
    })) << name;
  }
}

TEST(SweepSpecFile, EveryShippedSweepIsRead) {
  int read = 0;
  for (const auto& entry : std::filesystem::directory_iterator("scenarios/sweeps")) {
    EXPECT_GT(load_sweep(entry.path()).count, 1) << entry.path();
    ++read;
  }
  EXPECT_GE(read, 3);
}

}  // namespace
}  // namespace windtunnel
