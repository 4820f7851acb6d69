#include "simulator/study/serving_load.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "simulator/study/serving_queue.h"

namespace windtunnel {
namespace {

/// What became of one request.
struct Served {
  double first_token_s;
  double done_s;
  bool refused;
};

/// Sums over the units of a kind, each over its own window.
struct Totals {
  double jobs_per_s = 0;
  double tokens_per_s = 0;
  double busy = 0;
  double batch = 0;
  double cache = 0;
  double cache_peak = 0;
  double queue_peak = 0;
  double wait_s = 0;
  double end_s = 0;

  void add(const QueueRun& run, const std::vector<Job>& jobs) {
    const QueueWindow& window = run.window;
    if (window.seconds > 0) {
      jobs_per_s += window.jobs / window.seconds;
      tokens_per_s += window.answer_tokens / window.seconds;
      busy += window.busy_s / window.seconds;
      batch += window.batch_seconds / window.seconds;
      cache += window.cache_seconds / window.seconds;
    }
    cache_peak = std::max(cache_peak, run.cache_peak);
    queue_peak = std::max(queue_peak, run.queue_peak);
    end_s = std::max(end_s, run.end_s);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (run.jobs[i].done_s >= 0) wait_s += run.jobs[i].admitted_s - jobs[i].ready_s;
    }
  }
};

/// The numbers of the requests that unit `unit` of `count` serves, in the order of `ready`.
std::vector<std::size_t> share_of(const std::vector<double>& ready, int unit, int count) {
  std::vector<std::size_t> mine;
  for (auto i = static_cast<std::size_t>(unit); i < ready.size();
       i += static_cast<std::size_t>(count)) {
    if (std::isfinite(ready[i])) mine.push_back(i);
  }
  std::stable_sort(mine.begin(), mine.end(),
                   [&](std::size_t a, std::size_t b) { return ready[a] < ready[b]; });
  return mine;
}

template <typename MakeJob, typename Take>
Totals run_units(const ServingUnit& unit, const std::vector<double>& ready,
                 const IterationTimes& times, const QueueLimits& limits, MakeJob make_job,
                 Take take) {
  Totals totals;
  for (int i = 0; i < unit.count; ++i) {
    const std::vector<std::size_t> mine = share_of(ready, i, unit.count);
    std::vector<Job> jobs;
    jobs.reserve(mine.size());
    for (const std::size_t request : mine) jobs.push_back(make_job(request));
    const QueueRun run = serve(jobs, times, limits);
    for (std::size_t j = 0; j < mine.size(); ++j) take(mine[j], run.jobs[j]);
    totals.add(run, jobs);
  }
  return totals;
}

/// Iterations of the units that run prompts, where they have their own, and of those that decode.
struct UnitTimes {
  std::optional<IterationTimes> prefill;
  IterationTimes decode;
};

struct Load {
  const ServingScenario& scenario;
  const std::vector<UnitMemory>& memory;
  const std::vector<Request>& requests;
  double step_tokens;  // of a request in an iteration
  int longest;

  int found(const Request& request) const {
    const double hits = scenario.assumptions.prefix_hits.value * request.prompt;
    return std::min(static_cast<int>(hits), request.prompt - 1);
  }

  /// The first token comes out of the prompt.
  int steps(const Request& request) const {
    return static_cast<int>(std::ceil((request.output - 1) / step_tokens));
  }

  QueueLimits limits(const ServingUnit& unit, const UnitMemory& held) const {
    return {.groups = groups_of(unit),
            .requests = scenario.batching.requests,
            .chunk = scenario.batching.chunk,
            .cache_tokens = held.max_tokens * groups_of(unit),
            .tokens_per_step = step_tokens};
  }
};

/// First tokens of prompts that have GPUs of their own; requests that no cache could hold get an
/// infinite time.
std::vector<double> prefill(const Load& load, const IterationTimes& times,
                            std::vector<Served>& served, Totals& totals) {
  const ServingUnit& unit = *load.scenario.prefill_unit;
  QueueLimits limits = load.limits(unit, load.memory.back());
  limits.requests = 1 << 20;  // of prompts only the cache is a limit
  std::vector<double> ready;
  for (const Request& request : load.requests) ready.push_back(request.arrival_s);
  std::vector<double> handed(load.requests.size(), HUGE_VAL);
  totals = run_units(
      unit, ready, times, limits,
      [&](std::size_t i) {
        const Request& it = load.requests[i];
        const int found = load.found(it);
        return Job{it.arrival_s, found, it.prompt - found, 0, it.prompt, 0};
      },
      [&](std::size_t i, const JobTimes& job) {
        served[i] = {job.prompt_done_s, job.done_s, job.done_s < 0};
        if (job.done_s < 0) return;
        handed[i] = job.prompt_done_s + handover_seconds(load.scenario, load.requests[i].prompt);
      });
  return handed;
}

Totals decode(const Load& load, const IterationTimes& times, const std::vector<double>& ready,
              std::vector<Served>& served) {
  const ServingScenario& scenario = load.scenario;
  const bool prefills = !scenario.prefill_unit;
  return run_units(
      scenario.unit, ready, times, load.limits(scenario.unit, load.memory.front()),
      [&](std::size_t i) {
        const Request& it = load.requests[i];
        const int found = prefills ? load.found(it) : it.prompt;
        return Job{ready[i], found, it.prompt - found, load.steps(it), it.prompt + it.output,
                   it.output};
      },
      [&](std::size_t i, const JobTimes& job) {
        const double first = prefills ? job.prompt_done_s : served[i].first_token_s;
        served[i] = {first, job.done_s, job.done_s < 0};
      });
}

Percentiles percentiles(std::vector<double> values) {
  if (values.empty()) return {0, 0, 0, 0};
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return values[std::max<std::size_t>(rank, 1) - 1];
  };
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return {sum / static_cast<double>(values.size()), at(0.5), at(0.9), at(0.99)};
}

QueueProjection summary(const Load& load, const std::vector<Served>& served,
                        const Totals& prefilling, const Totals& decoding) {
  std::vector<double> ttft, tpot;
  for (std::size_t i = 0; i < served.size(); ++i) {
    if (served[i].refused) continue;
    const Request& request = load.requests[i];
    ttft.push_back(served[i].first_token_s - request.arrival_s);
    if (request.output > 1) {
      tpot.push_back((served[i].done_s - served[i].first_token_s) / (request.output - 1));
    }
  }
  const ServingUnit& unit = load.scenario.unit;
  const double span = std::max(decoding.end_s, prefilling.end_s) - load.requests.front().arrival_s;
  const double gpus = gpu_count(load.scenario);
  const double tokens = decoding.tokens_per_s;
  const double cost = load.scenario.price_per_gpu_hour.value / 3600 * gpus;
  return {.requests = static_cast<std::int64_t>(ttft.size()),
          .refused = static_cast<std::int64_t>(served.size() - ttft.size()),
          .span_s = span,
          .requests_per_s = decoding.jobs_per_s,
          .output_tokens_per_s_per_gpu = tokens / gpus,
          .usd_per_million_output_tokens = tokens > 0 ? cost / tokens * 1e6 : 0,
          .ttft_s = percentiles(std::move(ttft)),
          .tpot_s = percentiles(std::move(tpot)),
          .batch_mean = decoding.batch / unit.count / groups_of(unit),
          .cache_tokens_mean = decoding.cache / unit.count,
          .cache_tokens_peak = decoding.cache_peak,
          .queue_mean = span > 0 ? (decoding.wait_s + prefilling.wait_s) / span : 0,
          .queue_peak = std::max(decoding.queue_peak, prefilling.queue_peak),
          .busy_fraction = decoding.busy / unit.count,
          .handover_s = load.scenario.prefill_unit
                            ? handover_seconds(load.scenario, load.scenario.requests.prompt.mean)
                            : 0};
}

UnitTimes unit_times(const Load& load, ServingPrices& prices) {
  const ServingScenario& scenario = load.scenario;
  const int chunk = scenario.batching.chunk;
  UnitTimes times{
      .prefill = {},
      .decode = {prices,
                 scenario,
                 scenario.unit,
                 {scenario.prefill_unit ? 0 : chunk, scenario.batching.requests, load.longest}}};
  if (scenario.prefill_unit) {
    times.prefill.emplace(prices, scenario, *scenario.prefill_unit,
                          IterationLimits{chunk, 0, load.longest});
  }
  return times;
}

QueueProjection run_load(const Load& load, const UnitTimes& times, const TimeFactors& factors) {
  std::vector<Served> served(load.requests.size());
  std::vector<double> ready;
  Totals prefilling;
  if (times.prefill) {
    ready = prefill(load, times.prefill->scaled(factors), served, prefilling);
  } else {
    for (const Request& request : load.requests) ready.push_back(request.arrival_s);
  }
  const Totals decoding = decode(load, times.decode.scaled(factors), ready, served);
  return summary(load, served, prefilling, decoding);
}

}  // namespace

double handover_seconds(const ServingScenario& scenario, double tokens) {
  const ServingUnit& from = *scenario.prefill_unit;
  ServingUnit whole = from;
  whole.tensor = 1;
  const Bytes bytes = cache_bytes_per_token(scenario, whole) * (tokens / from.tensor);
  const Cluster cluster = spanned_by(scenario.cluster, gpu_count(scenario));
  const Link& link = cluster.scale_out;
  BytesPerSecond rate = link.effective;
  if (cluster.fabric) rate = std::min(rate, rate_per_gpu(*cluster.fabric, link.peak));
  return (link.latency + bytes / rate).value;
}

std::vector<QueueProjection> serving_loads(ServingPrices& prices, const ServingScenario& scenario,
                                           const std::vector<UnitMemory>& memory,
                                           const std::vector<Request>& requests,
                                           const std::vector<TimeFactors>& factors) {
  Load load{.scenario = scenario,
            .memory = memory,
            .requests = requests,
            .step_tokens =
                tokens_per_iteration(scenario.mtp.depth, scenario.assumptions.mtp_acceptance.value),
            .longest = 1};
  for (const Request& it : requests) load.longest = std::max(load.longest, it.prompt + it.output);
  // Longer ones are refused.
  load.longest = static_cast<int>(std::min<double>(
      load.longest, std::max(1.0, memory.front().max_tokens * groups_of(scenario.unit))));
  const UnitTimes times = unit_times(load, prices);
  std::vector<QueueProjection> all;
  for (const TimeFactors& each : factors) all.push_back(run_load(load, times, each));
  return all;
}

QueueProjection serving_load(ServingPrices& prices, const ServingScenario& scenario,
                             const std::vector<UnitMemory>& memory,
                             const std::vector<Request>& requests) {
  return serving_loads(prices, scenario, memory, requests, {{1, 1}}).front();
}

}  // namespace windtunnel
