#include "simulator/study/serving_plans.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"
#include "simulator/study/inputs.h"
#include "simulator/study/plan_report.h"
#include "simulator/study/plan_settings.h"
#include "simulator/study/serving_rates.h"
#include "simulator/workload/serving/kernel_price.h"
#include "simulator/workload/serving/memory.h"

namespace windtunnel {
namespace {

/// A key of a scenario and the values that it may have, as TOML; none: as in the scenario.
struct Choice {
  std::string key;
  std::vector<std::string> values;
};

template <typename T>
Choice numbers(std::string key, const std::vector<T>& values) {
  Choice choice{.key = std::move(key), .values = {}};
  for (const T value : values) choice.values.push_back(fmt::format("{}", value));
  return choice;
}

std::vector<Choice> choices_of(const ServingChoices& vary) {
  std::vector<Choice> all{numbers("unit.gpus", vary.gpus),
                          numbers("unit.tensor", vary.tensor),
                          numbers("unit.expert", vary.expert),
                          numbers("unit.redundant_experts", vary.redundant_experts),
                          numbers("unit.micro_batches", vary.micro_batches),
                          numbers("batching.requests", vary.requests),
                          numbers("batching.chunk", vary.chunk),
                          numbers("mtp.depth", vary.drafts)};
  Choice weights{.key = "precision.weights", .values = {}};
  for (const WeightFormat format : vary.weights) {
    weights.values.emplace_back(format == WeightFormat::kBf16   ? "\"bf16\""
                                : format == WeightFormat::kFp8  ? "\"fp8\""
                                : format == WeightFormat::kInt8 ? "\"int8\""
                                                                : "\"int4\"");
  }
  Choice cache{.key = "precision.cache", .values = {}};
  for (const CacheFormat format : vary.cache) {
    cache.values.emplace_back(format == CacheFormat::kFp8 ? "\"fp8\"" : "\"bf16\"");
  }
  all.push_back(std::move(weights));
  all.push_back(std::move(cache));
  return all;
}

/// The cluster's GPUs that its other units leave.
int free_gpus(const ServingScenario& base, int gpus) {
  const auto& other = base.prefill_unit;
  return gpus - (other ? other->gpus * other->count : 0);
}

double fullest(const ServingScenario& scenario) {
  double most = 0;
  for (const UnitMemory& unit : serving_memory(scenario)) {
    most = std::max(most, unit.total.value);
  }
  return most;
}

/// Of a million output tokens with their prompts: what both phases hold GPUs for.
Interval dollars_of(const ServingScenario& scenario, const ServingRates& rates) {
  const RequestPlan& plan = scenario.requests;
  const double prompts = static_cast<double>(plan.prompt.mean) / plan.output.mean;
  const Interval& prompt = rates.usd_per_million_prompt_tokens;
  const Interval& output = rates.usd_per_million_output_tokens;
  return {.value = output.value + prompts * prompt.value,
          .low = output.low + prompts * prompt.low,
          .high = output.high + prompts * prompt.high};
}

std::array<Interval, kObjectives> takes_of(const ServingScenario& scenario,
                                           const ServingRates& rates) {
  return {dollars_of(scenario, rates), rates.tpot_s, rates.ttft_s, exact(fullest(scenario))};
}

/// Deployments by number.
class ServingPlans {
 public:
  ServingPlans(const ServingPlanSpec& spec, const PriceBook& book)
      : spec_(spec), book_(book), choices_(choices_of(spec.vary)) {
    plans_ = static_cast<std::int64_t>(std::max<std::size_t>(1, spec.clusters.size()));
    for (const Choice& choice : choices_) {
      if (choice.values.empty()) continue;
      plans_ *= static_cast<std::int64_t>(choice.values.size());
      if (plans_ > 1'000'000) {
        throw ConfigError(spec.scenario.source, "more than 10^6 deployments", "fewer choices");
      }
    }
    for (std::size_t i = 0; i < std::max<std::size_t>(1, spec.clusters.size()); ++i) {
      const auto file = cluster_of(static_cast<std::int64_t>(i));
      if (file) load_toml(*file, spec.clusters[i].file.source);
      const Cluster cluster = file ? load_cluster(*file, spec.clusters[i].file.source)
                                   : load_serving(beside(spec.scenario), {}).cluster;
      gpus_.push_back(gpu_count(cluster));
      clusters_.push_back(cluster);
      memory_ = std::max(memory_, cluster.gpu.memory.value);
      files_.push_back(file.value_or(beside(spec.scenario)));
    }
    base_ = load_serving(beside(spec.scenario), {});
  }

  std::int64_t plans() const { return plans_; }
  double memory() const {
    const auto wanted = spec_.limits ? spec_.limits->memory : std::nullopt;
    return wanted ? std::min(wanted->value, memory_) : memory_;
  }
  const ServingScenario& base() const { return *base_; }

  std::optional<std::filesystem::path> cluster_of(std::int64_t index) const {
    if (spec_.clusters.empty()) return std::nullopt;
    const auto place = static_cast<std::size_t>(index) % spec_.clusters.size();
    return beside(spec_.clusters[place].file);
  }

  std::vector<PlanSetting> settings_of(std::int64_t index) const {
    const auto places = static_cast<std::int64_t>(gpus_.size());
    const auto place = static_cast<std::size_t>(index % places);
    std::int64_t number = index / places;
    std::vector<PlanSetting> settings;
    int unit = base_->unit.gpus;
    for (const Choice& choice : choices_) {
      if (choice.values.empty()) continue;
      const auto count = static_cast<std::int64_t>(choice.values.size());
      settings.emplace_back(choice.key, choice.values[static_cast<std::size_t>(number % count)]);
      number /= count;
      if (choice.key == "unit.gpus") unit = std::stoi(settings.back().second);
    }
    const int units = std::max(1, free_gpus(*base_, gpus_[place]) / unit);
    settings.emplace_back("unit.count", fmt::format("{}", units));
    if (!spec_.clusters.empty() && spec_.clusters[place].price_per_gpu_hour) {
      settings.emplace_back(
          "cost.price_per_gpu_hour",
          fmt::format("\"{} USD\"", spec_.clusters[place].price_per_gpu_hour->value));
    }
    std::stable_sort(settings.begin(), settings.end(), [](const auto& a, const auto& b) {
      return a.first.substr(0, a.first.rfind('.')) < b.first.substr(0, b.first.rfind('.'));
    });
    return settings;
  }

  ServingScenario scenario_of(std::int64_t index) const {
    std::vector<Override> overrides = settings_of(index);
    if (const auto cluster = cluster_of(index)) {
      overrides.emplace_back("cluster", toml_text(cluster->string()));
    }
    return load_serving(beside(spec_.scenario), overrides);
  }

  /// Why it cannot run, or the memory that it takes: the rest is evaluated.
  PlanVerdict verdict_of(std::int64_t index) const {
    try {
      const ServingScenario scenario = scenario_of(index);
      if (const auto reason = unpriced_reason(book_.tables, scenario)) {
        return {.rejected = *reason, .example = *reason};
      }
      const auto memory = serving_memory(scenario);
      const double gpu = scenario.cluster.gpu.memory.value;
      if (fullest(scenario) > gpu && gpu < memory_) {
        return {.rejected = "over the memory of " + scenario.cluster.gpu.name, .example = ""};
      }
      const bool room = operating_point(scenario, memory.front().max_tokens).requests >= 1 &&
                        memory.back().max_tokens >= scenario.requests.prompt.mean;
      // Beyond its limit no memory is left for requests: the ledger tells by how much.
      if (!room && fullest(scenario) <= gpu) {
        return {.rejected = "not one mean request fits into the memory", .example = ""};
      }
      return {.rejected = "", .example = "", .least = {0, 0, 0, counted(scenario)}};
    } catch (const ConfigError& error) {
      return rejected_by(error);
    }
  }

  Objectives evaluate(std::int64_t index) const {
    const ServingScenario scenario = scenario_of(index);
    const double max_tokens = serving_memory(scenario).front().max_tokens;
    if (operating_point(scenario, max_tokens).requests < 1) {
      return {kNoLimit, kNoLimit, kNoLimit, counted(scenario)};
    }
    ServingPrices prices(book_, scenario);
    Objectives plain{};
    const auto takes = takes_of(scenario, serving_values(prices, scenario, max_tokens));
    for (std::size_t i = 0; i < kObjectives; ++i) plain[i] = takes[i].value;
    plain.back() = counted(scenario);
    return plain;
  }

  std::array<Interval, kObjectives> intervals_of(const ServingScenario& scenario) const {
    const double max_tokens = serving_memory(scenario).front().max_tokens;
    if (operating_point(scenario, max_tokens).requests < 1) {
      return {exact(kNoLimit), exact(kNoLimit), exact(kNoLimit), exact(fullest(scenario))};
    }
    ServingPrices prices(book_, scenario);
    return takes_of(scenario, serving_rates(prices, scenario, max_tokens).rates);
  }

  const std::vector<std::filesystem::path>& cluster_files() const { return files_; }
  const std::vector<Cluster>& clusters() const { return clusters_; }

 private:
  double counted(const ServingScenario& scenario) const {
    return counted_memory(spec_, fullest(scenario), memory());
  }

  const ServingPlanSpec& spec_;
  const PriceBook& book_;
  std::vector<Choice> choices_;
  std::int64_t plans_ = 0;
  std::vector<int> gpus_;
  std::vector<Cluster> clusters_;
  double memory_ = 0;
  std::vector<std::filesystem::path> files_;
  std::optional<ServingScenario> base_;
};

std::vector<PlanQuantity> quantities_of(const ServingPlanSpec& spec, double memory) {
  const ServingLimits limits = spec.limits.value_or(ServingLimits{});
  return {{"usd_per_million_output_tokens_with_prompts", "USD",
           limits.usd_per_million_output_tokens_with_prompts.value_or(Dollars{kNoLimit}).value},
          {"tpot", "s", limits.tpot.value_or(Seconds{kNoLimit}).value},
          {"ttft", "s", limits.ttft.value_or(Seconds{kNoLimit}).value},
          {"memory", "bytes", memory}};
}

PlanSpace space_of(const ServingPlans& plans) {
  return {.blocks = plans.plans(),
          .block_size = 1,
          .screen = [&plans](std::int64_t index) { return std::vector{plans.verdict_of(index)}; },
          .evaluate = [&plans](std::int64_t index) { return plans.evaluate(index); }};
}

/// The deployments that stand among the plans; throws ConfigError for one that nothing prices.
std::vector<ServingScenario> marked_deployments(const ServingPlanSpec& spec,
                                                const PriceBook& book) {
  std::vector<ServingScenario> all;
  for (const PlanMark& mark : spec.marks) {
    all.push_back(load_serving(beside(mark.scenario), {}));
    if (const auto reason = unpriced_reason(book.tables, all.back())) {
      throw ConfigError(mark.scenario.source, "no times of it: " + *reason,
                        "a deployment whose kernels are measured");
    }
  }
  return all;
}

/// A search for deployments before its first question.
struct ServingSearch {
  std::shared_ptr<const PriceBook> book;
  std::shared_ptr<const ServingPlanSpec> spec;
  std::shared_ptr<const ServingPlans> plans;
  std::vector<ServingScenario> known;  ///< one a mark
  std::vector<PlanQuantity> quantities;
  std::vector<std::filesystem::path> files;  ///< all that answers follow from
  std::vector<InputFile> inputs;             ///< the same as they were
  PlanSearchOptions options;
};

ServingSearch serving_search(const ServingPlanSpec& spec, const PlanOptions& options) {
  const auto book = std::make_shared<const PriceBook>(load_price_book(options.root));
  std::vector<ServingScenario> known = marked_deployments(spec, *book);
  const auto kept = std::make_shared<const ServingPlanSpec>(spec);
  const auto plans = std::make_shared<const ServingPlans>(*kept, *book);
  auto quantities = quantities_of(spec, plans->memory());
  std::vector<std::filesystem::path> files = plans->base().files;
  if (!spec.clusters.empty()) {
    files.insert(files.end(), plans->cluster_files().begin(), plans->cluster_files().end());
  }
  for (const ServingScenario& one : known) {
    files.insert(files.end(), one.files.begin(), one.files.end());
  }
  files = all_files(spec, files);
  auto inputs = input_files(files, options.root);
  PlanSearchOptions search = search_options(spec, quantities, options);
  search.answer =
      answers_of(options, plan_batch(spec.name, space_of(*plans), 1, inputs, options.build));
  return {.book = book,
          .spec = kept,
          .plans = plans,
          .known = std::move(known),
          .quantities = std::move(quantities),
          .files = std::move(files),
          .inputs = std::move(inputs),
          .options = std::move(search)};
}

}  // namespace

PlanResult find_serving_plan(const ServingPlanSpec& spec, const PlanOptions& options) {
  ServingSearch search = serving_search(spec, options);
  const auto plans = search.plans;
  const PlanSearch found = search_plans(space_of(*plans), search.options);
  PlanReport report =
      report_of(spec, found, true, search.quantities, [&](const FoundPlan& plan) -> PlanRow {
        go_on(options.stopped);
        PlanRow row{.index = plan.index,
                    .choices = plans->settings_of(plan.index),
                    .takes = plans->intervals_of(plans->scenario_of(plan.index)),
                    .front = false,
                    .tied = false};
        if (const auto cluster = plans->cluster_of(plan.index)) {
          row.choices.insert(row.choices.begin(), {"cluster", cluster->stem().string()});
        }
        return row;
      });
  for (std::size_t i = 0; i < search.known.size(); ++i) {
    const ServingScenario& known = search.known[i];
    report.marks.push_back(marked(spec, report, spec.marks[i], plans->intervals_of(known),
                                  elsewhere(known.cluster, plans->clusters())));
  }
  std::string changed = changed_input(search.files, options.root, search.inputs);
  report.inputs = std::move(search.inputs);
  PlanResult result{
      .report = std::move(report), .changed = std::move(changed), .best_scenario = {}};
  if (found.best.empty()) return result;
  result.best_scenario = [book = search.book, kept = search.spec, plans,
                          index = found.best.front().index](const std::filesystem::path& folder) {
    return settings_file(kept->name + ": the best plan", beside(kept->scenario),
                         plans->cluster_of(index), plans->settings_of(index), folder);
  };
  return result;
}

PlanShare search_serving_share(const ServingPlanSpec& spec, const BatchPart& share,
                               const PlanOptions& options) {
  ServingSearch search = serving_search(spec, options);
  search.options.share = share;
  search.options.names_nearest = false;
  const std::int64_t plans = search_plans(space_of(*search.plans), search.options).plans;
  return {.plans = plans, .changed = changed_input(search.files, options.root, search.inputs)};
}

}  // namespace windtunnel
