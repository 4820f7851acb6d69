#include "simulator/study/plan_answers.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

PlanBatch batch_of(std::int64_t blocks, int block_size, int questions) {
  const PlanSpace space{.blocks = blocks, .block_size = block_size, .screen = {}, .evaluate = {}};
  return plan_batch("plans", space, questions, {{"a", "0123"}}, "1.0");
}

/// Every answer comes back as it was, from the shard of its block and from no other.
RC_GTEST_PROP(PlanAnswers, ComeBackFromTheirShard, ()) {
  const PlanBatch batch =
      batch_of(*rc::gen::inRange(1, 40), *rc::gen::inRange(1, 6), *rc::gen::inRange(1, 5));
  const int of = *rc::gen::inRange(1, 8);
  const TemporaryFolder folder;
  const std::int64_t index = *rc::gen::inRange<std::int64_t>(0, batch.blocks * batch.block_size);
  const PlanQuestion question{.number = *rc::gen::inRange(0, batch.questions), .index = index};
  const int share = static_cast<int>(index / batch.block_size % of);
  const Objectives answer{*rc::gen::arbitrary<double>(), 0.1, 1e300,
                          std::numeric_limits<double>::infinity()};
  const ShardHead head = head_of(batch, {share, of});
  const auto file =
      folder.write("shard", head_line(head) + answer_line(batch, head, question, answer));
  KnownAnswers known;
  const AnswerFile read = read_answers(file, batch, known);
  RC_ASSERT(read.share == (BatchPart{share, of}));
  RC_ASSERT(known.all().size() == 1U);
  RC_ASSERT(known.find(question) == std::optional(answer));
}

TEST(PlanAnswers, ADifferentQuestionHasNone) {
  KnownAnswers known;
  known.add({.number = 1, .index = 5}, {1, 2, 3, 4});
  EXPECT_FALSE(known.find({.number = 1, .index = 4}));
  EXPECT_FALSE(known.find({.number = 0, .index = 5}));
  EXPECT_TRUE(known.find({.number = 1, .index = 5, .effort = 7}));
}

TEST(PlanAnswers, ThoseOfOtherFilesOrAnotherProgramAreRefused) {
  const TemporaryFolder folder;
  const PlanBatch batch = batch_of(4, 2, 3);
  const auto file = folder.write("shard", head_line(head_of(batch, {0, 1})));
  const PlanSpace space{.blocks = 4, .block_size = 2, .screen = {}, .evaluate = {}};
  KnownAnswers known;
  EXPECT_NO_THROW(read_answers(file, batch, known));
  for (const PlanBatch& other : {plan_batch("plans", space, 3, {{"a", "0124"}}, "1.0"),
                                 plan_batch("plans", space, 3, {{"a", "0123"}}, "1.1"),
                                 batch_of(5, 2, 3), batch_of(4, 2, 4)}) {
    const std::string message = message_of([&] { read_answers(file, other, known); });
    EXPECT_NE(message.find("these are answers from other files, or of another version"),
              std::string::npos)
        << message;
  }
  const PlanBatch named = plan_batch("others", space, 3, {{"a", "0123"}}, "1.0");
  const std::string message = message_of([&] { read_answers(file, named, known); });
  EXPECT_NE(message.find("these are answers about other plans"), std::string::npos) << message;
}

TEST(PlanAnswers, WhatHasNoEndIsNotRead) {
  KnownAnswers known;
  for (const char* file : {"/dev/zero", "/dev"}) {
    EXPECT_EQ(message_of([&] { read_answers(file, batch_of(4, 2, 3), known); }),
              std::string(file) + ": not a regular file");
  }
}

TEST(PlanAnswers, RowsOfASweepAreNone) {
  const TemporaryFolder folder;
  const ShardHead sweep{.batch = {.name = "s", .hash = "ab", .count = 3, .columns = {}},
                        .share = {0, 1}};
  const auto file = folder.write("shard", head_line(sweep));
  KnownAnswers known;
  const std::string message = message_of([&] { read_answers(file, batch_of(4, 2, 3), known); });
  EXPECT_NE(message.find("these are rows of a sweep"), std::string::npos) << message;
}

TEST(PlanAnswers, ARowThatIsNoAnswerIsRefused) {
  const TemporaryFolder folder;
  const PlanBatch batch = batch_of(5, 1, 1);
  const ShardHead head = head_of(batch, {0, 3});
  KnownAnswers known;
  for (const std::string& row :
       {row_line(head.batch, 0, {"1", "2", "3"}), row_line(head.batch, 0, {"1", "2", "3", "x"}),
        row_line(head.batch, 0, {"1", "2", "3", ""})}) {
    const auto file = folder.write("shard", head_line(head) + row);
    const std::string message = message_of([&] { read_answers(file, batch, known); });
    EXPECT_NE(message.find(":2:1: error: no answer of a plan"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace windtunnel
