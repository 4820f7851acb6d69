#include "simulator/study/serving_requests.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

ServingScenario drawing(std::int64_t count, double spread) {
  ServingScenario scenario = qwen_on_a100();
  scenario.requests.count = count;
  scenario.requests.interval = {0.5};
  scenario.requests.prompt = {1000, spread};
  scenario.requests.output = {100, 0};
  return scenario;
}

// 40 000 exponential gaps of mean 0.5 s: their mean is within five standard errors (0.5 / 200), and
// their variance near the square of the mean. The lognormal's mean is what was asked for whatever
// its spread is.
TEST(ServingRequests, HaveExponentialGapsAndLognormalLengths) {
  const auto requests = serving_requests(drawing(40000, 0.7));
  ASSERT_EQ(requests.size(), 40000U);
  double before = 0, squares = 0, tokens = 0, logs = 0;
  for (const Request& it : requests) {
    EXPECT_GE(it.arrival_s, before);
    squares += (it.arrival_s - before) * (it.arrival_s - before);
    before = it.arrival_s;
    tokens += it.prompt;
    logs += std::log(it.prompt);
    EXPECT_EQ(it.output, 100);
  }
  EXPECT_NEAR(before / 40000, 0.5, 5 * 0.5 / 200);
  EXPECT_NEAR(squares / 40000, 2 * 0.25, 0.03);
  EXPECT_NEAR(tokens / 40000, 1000, 20);
  EXPECT_NEAR(logs / 40000, std::log(1000) - 0.245, 0.02);
}

TEST(ServingRequests, ADrawDependsOnItsNumberOnly) {
  const auto few = serving_requests(drawing(10, 0.7));
  const auto many = serving_requests(drawing(100, 0.7));
  for (std::size_t i = 0; i < few.size(); ++i) {
    EXPECT_EQ(few[i].prompt, many[i].prompt);
    EXPECT_EQ(few[i].arrival_s, many[i].arrival_s);
  }
  ServingScenario other = drawing(10, 0.7);
  ++other.requests.seed;
  EXPECT_NE(serving_requests(other)[0].prompt, few[0].prompt);
}

std::string trace_says(const std::string& text) {
  const TemporaryFolder folder;
  const auto file = folder.write("t.csv", text);
  ServingScenario scenario = drawing(1, 0);
  scenario.requests.trace = Sourced<std::string>{file.string(), {nullptr, 1, 1}};
  return folder.without_folder(message_of([&] { serving_requests(scenario); }));
}

TEST(ServingRequests, ATraceIsReadAsItStands) {
  const TemporaryFolder folder;
  const auto file =
      folder.write("t.csv", "arrival_s,prompt_tokens,output_tokens\n0,10,2\n0.5,7,1\n");
  ServingScenario scenario = drawing(5, 0);
  scenario.requests.trace = Sourced<std::string>{file.string(), {nullptr, 1, 1}};
  const auto requests = serving_requests(scenario);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1].arrival_s, 0.5);
  EXPECT_EQ(requests[1].prompt, 7);
  EXPECT_EQ(requests[1].output, 1);
}

TEST(ServingRequests, ABrokenTraceIsShownWithItsPlace) {
  EXPECT_EQ(trace_says("arrival_s,prompt_tokens,output_tokens\n1,10,2\n0.5,7,1\n"),
            "t.csv:3:1: error: arrivals are not in order\n"
            "   3 | 0.5,7,1\n"
            "     | ^\n"
            "  accepted: seconds from the start, none before the last one\n");
  EXPECT_EQ(trace_says("arrival_s,prompt_tokens,output_tokens\n1,0,2\n"),
            "t.csv:2:3: error: no number of tokens\n"
            "   2 | 1,0,2\n"
            "     |   ^\n"
            "  accepted: a whole number from 1 to 16777216\n");
  EXPECT_NE(trace_says("arrival_s,prompt_tokens\n1,2\n").find("output_tokens"), std::string::npos);
  EXPECT_NE(trace_says("arrival_s,prompt_tokens,output_tokens\n").find("without requests"),
            std::string::npos);
}

}  // namespace
}  // namespace windtunnel
