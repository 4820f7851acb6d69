#include "simulator/study/plan_question.h"

#include <algorithm>
#include <numeric>

#include "simulator/base/threads.h"

namespace windtunnel {

void go_on(const std::function<bool()>& stopped) {
  if (stopped && stopped()) throw SearchStopped{};
}

std::vector<std::size_t> longest_first(const std::vector<PlanQuestion>& questions) {
  std::vector<std::size_t> places(questions.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    return questions[a].effort > questions[b].effort;
  });
  return places;
}

AnswerQuestions answers_here(int threads, const std::function<bool()>& stopped) {
  return [threads, stopped](const std::vector<PlanQuestion>& questions, const AskPlan& ask) {
    const std::vector<std::size_t> places = longest_first(questions);
    std::vector<Objectives> answers(questions.size());
    parallel_for(static_cast<int>(questions.size()), threads, [&](int turn) {
      go_on(stopped);
      const std::size_t place = places[static_cast<std::size_t>(turn)];
      answers[place] = ask(questions[place]);
    });
    return answers;
  };
}

}  // namespace windtunnel
