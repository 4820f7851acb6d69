#include "simulator/study/serving_queue.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

const IterationTimes& qwen_times() {
  static const ServingScenario scenario = qwen_on_a100();
  static ServingPrices prices(shipped_prices(), scenario);
  static const IterationTimes times(prices, scenario, scenario.unit, {256, 16, 4096});
  return times;
}

/// The same rules, one iteration after the other, with a list of requests and no shortcuts.
std::vector<JobTimes> served_one_by_one(const std::vector<Job>& jobs, const IterationTimes& times,
                                        const QueueLimits& limits) {
  struct Active {
    std::size_t job;
    int prompt_done;
    int steps_done;
    bool decodes;
  };
  std::vector<JobTimes> result(jobs.size(), {0, 0, -1});
  std::deque<std::size_t> waiting;
  std::vector<Active> active;
  std::size_t next = 0;
  double now = 0;
  const auto held = [&] {
    double tokens = 0;
    for (const Active& it : active) tokens += jobs[it.job].held;
    return tokens;
  };
  const auto leave_finished = [&] {
    active.erase(std::remove_if(active.begin(), active.end(),
                                [&](const Active& it) {
                                  const Job& job = jobs[it.job];
                                  if (!it.decodes || it.steps_done < job.steps) return false;
                                  result[it.job].done_s = now;
                                  return true;
                                }),
                 active.end());
  };
  while (next < jobs.size() || !waiting.empty() || !active.empty()) {
    for (; next < jobs.size() && jobs[next].ready_s <= now; ++next) {
      if (jobs[next].held <= limits.cache_tokens) waiting.push_back(next);
    }
    while (!waiting.empty() && static_cast<int>(active.size()) < limits.groups * limits.requests &&
           held() + jobs[waiting.front()].held <= limits.cache_tokens) {
      const std::size_t job = waiting.front();
      waiting.pop_front();
      const bool decodes = jobs[job].prompt_left == 0;
      result[job].admitted_s = now;
      if (decodes) result[job].prompt_done_s = now;
      active.push_back({job, 0, 0, decodes});
      leave_finished();
    }
    if (active.empty()) {
      if (next < jobs.size()) now = std::max(now, jobs[next].ready_s);
      continue;
    }
    double rows = 0, most = 0, attention = 0, most_attention = 0, decoding = 0, context = 0;
    for (Active& it : active) {
      const Job& job = jobs[it.job];
      if (it.decodes) {
        decoding += 1;
        context += job.cached + job.prompt_left + it.steps_done * limits.tokens_per_step;
        continue;
      }
      const double room = static_cast<double>(limits.groups) * limits.chunk - rows;
      const int chunk = static_cast<int>(
          std::min<double>({room, static_cast<double>(limits.chunk),
                            static_cast<double>(job.prompt_left - it.prompt_done)}));
      if (chunk <= 0) continue;
      const double seconds =
          times.prompt_seconds(chunk, job.cached + it.prompt_done, it.prompt_done == 0);
      it.prompt_done += chunk;
      rows += chunk;
      most = std::max<double>(most, chunk);
      attention += seconds;
      most_attention = std::max(most_attention, seconds);
    }
    const double groups = limits.groups;
    now += times.seconds(static_cast<int>(std::max(std::ceil(rows / groups), most)),
                         static_cast<int>(std::ceil(decoding / groups)),
                         decoding > 0 ? context / decoding : 0) +
           std::max(attention / groups, most_attention);
    for (Active& it : active) {
      if (it.decodes) {
        ++it.steps_done;
      } else if (it.prompt_done == jobs[it.job].prompt_left) {
        it.decodes = true;
        result[it.job].prompt_done_s = now;
      }
    }
    leave_finished();
  }
  return result;
}

std::vector<Job> random_jobs() {
  std::vector<Job> jobs;
  double at = 0;
  const int count = *rc::gen::inRange(1, 40);
  for (int i = 0; i < count; ++i) {
    at += 1e-3 * *rc::gen::inRange(0, 60);
    const int cached = *rc::gen::inRange(0, 300);
    const int prompt = *rc::gen::inRange(0, 800);
    const int steps = *rc::gen::inRange(0, 200);
    jobs.push_back({at, cached, prompt, steps, cached + prompt + steps, steps});
  }
  return jobs;
}

RC_GTEST_PROP(ServingQueue, IsWhatOneIterationAfterTheOtherGives, ()) {
  const std::vector<Job> jobs = random_jobs();
  const QueueLimits limits{.groups = *rc::gen::inRange(1, 4),
                           .requests = *rc::gen::inRange(1, 6),
                           .chunk = *rc::gen::inRange(1, 256),
                           .cache_tokens = static_cast<double>(*rc::gen::inRange(500, 4000)),
                           .tokens_per_step = 1};
  const QueueRun run = serve(jobs, qwen_times(), limits);
  const auto expected = served_one_by_one(jobs, qwen_times(), limits);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    RC_ASSERT(std::abs(run.jobs[i].admitted_s - expected[i].admitted_s) < 1e-7);
    RC_ASSERT(std::abs(run.jobs[i].prompt_done_s - expected[i].prompt_done_s) < 1e-7);
    RC_ASSERT(std::abs(run.jobs[i].done_s - expected[i].done_s) < 1e-7);
  }
}

QueueLimits roomy() {
  return {.groups = 1, .requests = 16, .chunk = 256, .cache_tokens = 1e6, .tokens_per_step = 1};
}

// One request alone: 300 tokens in two chunks, then ten steps at a growing context.
TEST(ServingQueue, ARequestAloneIsTheSumOfItsIterations) {
  const IterationTimes& times = qwen_times();
  const QueueRun run = serve({{5, 0, 300, 10, 310, 11}}, times, roomy());
  double at = 5 + times.seconds(256, 0, 0) + times.prompt_seconds(256, 0, true);
  at += times.seconds(44, 0, 0) + times.prompt_seconds(44, 256, false);
  EXPECT_NEAR(run.jobs[0].prompt_done_s, at, 1e-12);
  for (int step = 0; step < 10; ++step) at += times.seconds(0, 1, 300 + step);
  EXPECT_NEAR(run.jobs[0].done_s, at, 1e-9);
  EXPECT_EQ(run.iterations, 12);
  EXPECT_EQ(run.window.jobs, 1);
  EXPECT_EQ(run.window.answer_tokens, 11);
  EXPECT_NEAR(run.window.seconds, at - 5, 1e-9);
  EXPECT_NEAR(run.window.busy_s, at - 5, 1e-9);
}

TEST(ServingQueue, FirstComeFirstServedWithinTheCache) {
  QueueLimits limits = roomy();
  limits.cache_tokens = 500;
  // The second doesn't fit beside the first; the third would, but waits its turn; the fourth never.
  const QueueRun run = serve({{0, 100, 0, 50, 300, 1},
                              {0.001, 100, 0, 50, 400, 1},
                              {0.002, 10, 0, 5, 20, 1},
                              {0.003, 10, 0, 5, 501, 1}},
                             qwen_times(), limits);
  EXPECT_GE(run.jobs[1].admitted_s, run.jobs[0].done_s);
  EXPECT_GE(run.jobs[2].admitted_s, run.jobs[1].admitted_s);
  EXPECT_LT(run.jobs[3].done_s, 0);
  EXPECT_EQ(run.queue_peak, 2);
}

TEST(ServingQueue, PromptsSlowDecodingDown) {
  std::vector<Job> jobs{{0, 100, 0, 200, 300, 1}};
  const double alone = serve(jobs, qwen_times(), roomy()).jobs[0].done_s;
  for (int i = 0; i < 20; ++i) jobs.push_back({0, 0, 250, 0, 250, 1});
  EXPECT_GT(serve(jobs, qwen_times(), roomy()).jobs[0].done_s, alone);
}

// A steady batch of 16: the window's rate is 16 a batch's time, whatever the ends are.
TEST(ServingQueue, TheWindowLeavesOutTheEnds) {
  std::vector<Job> jobs;
  for (int i = 0; i < 1600; ++i) jobs.push_back({0, 100, 0, 20, 120, 20});
  const QueueRun run = serve(jobs, qwen_times(), roomy());
  EXPECT_NEAR(run.window.jobs, 1280, 16);
  EXPECT_NEAR(run.window.batch_seconds / run.window.seconds, 16, 0.01);
  const double step = qwen_times().seconds(0, 16, 110);
  EXPECT_NEAR(run.window.answer_tokens / run.window.seconds * step / 16, 1, 0.02);
}

TEST(ServingQueue, NothingTakesNoTime) {
  const QueueRun run = serve({}, qwen_times(), roomy());
  EXPECT_EQ(run.iterations, 0);
  EXPECT_EQ(run.end_s, 0);
}

}  // namespace
}  // namespace windtunnel
