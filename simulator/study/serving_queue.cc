#include "simulator/study/serving_queue.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <queue>

namespace windtunnel {
namespace {

/// The state of a unit between two iterations.
class Unit {
 public:
  Unit(const std::vector<Job>& jobs, const IterationTimes& times, const QueueLimits& limits)
      : jobs_(jobs), times_(times), limits_(limits) {
    run_.jobs.assign(jobs.size(), {0, 0, -1});
    tenth_ = static_cast<double>(jobs.size() / 10);
    if (!jobs.empty()) sums_.seconds = jobs.front().ready_s;
    start_ = sums_;
  }

  QueueRun serve() {
    while (next_ < jobs_.size() || !waiting_.empty() || !prompts_.empty() || !leaving_.empty()) {
      take_arrivals();
      admit();
      if (!prompts_.empty()) {
        mixed_iteration();
      } else if (!leaving_.empty()) {
        decoding_iterations();
      } else if (next_ < jobs_.size()) {
        now_ = std::max(now_, jobs_[next_].ready_s);  // idle: nothing waits
      }
    }
    run_.end_s = now_;
    return std::move(run_);
  }

 private:
  QueueWindow since(const QueueWindow& start) const {
    return {sums_.seconds - start.seconds,
            sums_.jobs - start.jobs,
            sums_.answer_tokens - start.answer_tokens,
            sums_.busy_s - start.busy_s,
            sums_.batch_seconds - start.batch_seconds,
            sums_.cache_seconds - start.cache_seconds};
  }

  struct Prompt {
    std::size_t job;
    int done;
  };
  struct Leaving {
    std::int64_t step;  // the iteration after which it leaves
    std::size_t job;
    bool operator>(const Leaving& other) const {
      return step != other.step ? step > other.step : job > other.job;
    }
  };

  double decoding() const { return static_cast<double>(leaving_.size()); }

  int batch() const {
    return static_cast<int>(std::ceil(decoding() / static_cast<double>(limits_.groups)));
  }

  double context() const { return leaving_.empty() ? 0 : context_sum_ / decoding(); }

  void take_arrivals() {
    for (; next_ < jobs_.size() && jobs_[next_].ready_s <= now_; ++next_) {
      if (jobs_[next_].held <= limits_.cache_tokens) waiting_.push_back(next_);
    }
    run_.queue_peak = std::max(run_.queue_peak, static_cast<double>(waiting_.size()));
  }

  bool has_place(std::size_t job) const {
    const auto places =
        static_cast<std::size_t>(limits_.groups) * static_cast<std::size_t>(limits_.requests);
    return prompts_.size() + leaving_.size() < places &&
           held_ + jobs_[job].held <= limits_.cache_tokens;
  }

  void admit() {
    while (!waiting_.empty() && has_place(waiting_.front())) {
      const std::size_t job = waiting_.front();
      waiting_.pop_front();
      held_ += jobs_[job].held;
      run_.jobs[job].admitted_s = now_;
      if (jobs_[job].prompt_left > 0) {
        prompts_.push_back({job, 0});
      } else {
        finish_prompt(job);
      }
    }
  }

  void finish_prompt(std::size_t job) {
    run_.jobs[job].prompt_done_s = now_;
    if (jobs_[job].steps == 0) {
      leave(job);
      return;
    }
    context_sum_ += jobs_[job].cached + jobs_[job].prompt_left;
    leaving_.push({step_ + jobs_[job].steps, job});
  }

  void leave(std::size_t job) {
    run_.jobs[job].done_s = now_;
    held_ -= jobs_[job].held;
    sums_.seconds = now_;
    sums_.jobs += 1;
    sums_.answer_tokens += jobs_[job].answer;
    if (sums_.jobs == tenth_) start_ = sums_;
    if (sums_.jobs <= static_cast<double>(jobs_.size()) - tenth_) run_.window = since(start_);
  }

  void pass(double seconds) {
    now_ += seconds;
    sums_.busy_s += seconds;
    sums_.batch_seconds += seconds * decoding();
    sums_.cache_seconds += seconds * context_sum_;
    run_.cache_peak = std::max(run_.cache_peak, context_sum_);
  }

  /// All requests that decode have made `steps` steps.
  void advance(std::int64_t steps) {
    step_ += steps;
    run_.iterations += steps;
    context_sum_ += static_cast<double>(steps) * limits_.tokens_per_step * decoding();
    while (!leaving_.empty() && leaving_.top().step <= step_) {
      const std::size_t job = leaving_.top().job;
      leaving_.pop();
      const Job& it = jobs_[job];
      context_sum_ -= it.cached + it.prompt_left + it.steps * limits_.tokens_per_step;
      leave(job);
    }
    if (leaving_.empty()) context_sum_ = 0;  // rounding does not pile up
  }

  /// What an iteration takes of its prompts.
  struct Chunks {
    std::size_t prompts = 0;
    double tokens = 0;
    double most_tokens = 0;
    double attention = 0;
    double most_attention = 0;
  };

  void take_chunk(Prompt& prompt, int tokens, Chunks& chunks) {
    const double seconds =
        times_.prompt_seconds(tokens, jobs_[prompt.job].cached + prompt.done, prompt.done == 0);
    prompt.done += tokens;
    ++chunks.prompts;
    chunks.tokens += tokens;
    chunks.most_tokens = std::max<double>(chunks.most_tokens, tokens);
    chunks.attention += seconds;
    chunks.most_attention = std::max(chunks.most_attention, seconds);
  }

  /// A chunk of each of the oldest prompts, until all groups have as much as they may take.
  Chunks take_chunks() {
    Chunks chunks;
    const double room = static_cast<double>(limits_.groups) * limits_.chunk;
    for (Prompt& prompt : prompts_) {
      const double left = jobs_[prompt.job].prompt_left - prompt.done;
      const double tokens =
          std::min({left, static_cast<double>(limits_.chunk), room - chunks.tokens});
      if (tokens <= 0) break;
      take_chunk(prompt, static_cast<int>(tokens), chunks);
    }
    return chunks;
  }

  /// Chunks of prompts beside decoding; with them no step is skipped.
  void mixed_iteration() {
    const Chunks chunks = take_chunks();
    const double groups = limits_.groups;
    const double rows = std::max(std::ceil(chunks.tokens / groups), chunks.most_tokens);
    pass(times_.seconds(static_cast<int>(rows), batch(), context()) +
         std::max(chunks.attention / groups, chunks.most_attention));
    advance(1);
    // Those that are through leave the line, the others keep their places.
    std::deque<Prompt> left;
    for (std::size_t i = 0; i < chunks.prompts; ++i) {
      const Prompt prompt = prompts_.front();
      prompts_.pop_front();
      if (prompt.done == jobs_[prompt.job].prompt_left) {
        finish_prompt(prompt.job);
      } else {
        left.push_back(prompt);
      }
    }
    for (; !left.empty(); left.pop_back()) prompts_.push_front(left.back());
  }

  /// Steps until somebody leaves, joins, or the time of a step changes its slope: their times are
  /// an arithmetic series.
  void decoding_iterations() {
    const double start = context();
    const double first = times_.seconds(0, batch(), start);
    const IterationTimes::Slope slope = times_.slope(0, batch(), start);
    const double rise = slope.per_token * limits_.tokens_per_step;
    const auto elapsed = [&](std::int64_t steps) {
      const auto n = static_cast<double>(steps);
      return n * first + rise * n * (n - 1) / 2;
    };
    std::int64_t steps = leaving_.top().step - step_;
    const double until_knot = std::ceil((slope.until - start) / limits_.tokens_per_step);
    if (until_knot < static_cast<double>(steps)) {
      steps = std::max<std::int64_t>(1, static_cast<std::int64_t>(until_knot));
    }
    if (next_ < jobs_.size() && waiting_.empty()) {
      const double wait = jobs_[next_].ready_s - now_;
      // The first step that ends after the arrival; the series only grows.
      std::int64_t low = 1;
      while (low < steps) {
        const std::int64_t middle = low + (steps - low) / 2;
        if (elapsed(middle) >= wait) {
          steps = middle;
        } else {
          low = middle + 1;
        }
      }
    }
    pass(elapsed(steps));
    advance(steps);
  }

  const std::vector<Job>& jobs_;
  const IterationTimes& times_;
  QueueLimits limits_;
  QueueRun run_{};
  QueueWindow sums_{};   // until now; `seconds` is the time of the last leave
  QueueWindow start_{};  // of the window
  double tenth_ = 0;
  std::size_t next_ = 0;
  double now_ = 0;
  double held_ = 0;
  double context_sum_ = 0;
  std::int64_t step_ = 0;
  std::deque<std::size_t> waiting_;
  std::deque<Prompt> prompts_;
  std::priority_queue<Leaving, std::vector<Leaving>, std::greater<>> leaving_;
};

}  // namespace

QueueRun serve(const std::vector<Job>& jobs, const IterationTimes& times,
               const QueueLimits& limits) {
  return Unit(jobs, times, limits).serve();
}

}  // namespace windtunnel
