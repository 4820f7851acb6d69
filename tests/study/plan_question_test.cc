#include "simulator/study/plan_question.h"

#include <gtest/gtest.h>

#include <mutex>

namespace windtunnel {
namespace {

const std::vector<PlanQuestion> kQuestions = {
    {0, 4, 1.0}, {1, 3, 5.0}, {0, 2, 5.0}, {2, 1, 0.0}, {0, 0, 7.0}};

Objectives told_of(const PlanQuestion& question) {
  return {1.0 * question.number, static_cast<double>(question.index), 0, 1};
}

TEST(PlanQuestion, TheLongestWorkComesFirstAndEqualInTheirOrder) {
  EXPECT_EQ(longest_first(kQuestions), (std::vector<std::size_t>{4, 1, 2, 0, 3}));
}

TEST(PlanQuestion, AnswersStandInTheOrderOfTheQuestions) {
  for (const int threads : {1, 3}) {
    std::mutex mutex;
    std::vector<std::int64_t> asked;
    const auto answers = answers_here(threads)(kQuestions, [&](const PlanQuestion& question) {
      const std::lock_guard lock(mutex);
      asked.push_back(question.index);
      return told_of(question);
    });
    ASSERT_EQ(answers.size(), kQuestions.size());
    for (std::size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i], told_of(kQuestions[i]));
    EXPECT_EQ(asked.size(), kQuestions.size());
    if (threads > 1) continue;
    EXPECT_EQ(asked, (std::vector<std::int64_t>{0, 3, 2, 4, 1}));
  }
}

TEST(PlanQuestion, NothingIsAskedOnceItWasStopped) {
  int asked = 0;
  const auto answer = answers_here(1, [&] { return asked == 2; });
  EXPECT_THROW(answer(kQuestions,
                      [&](const PlanQuestion& question) {
                        ++asked;
                        return told_of(question);
                      }),
               SearchStopped);
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace windtunnel
