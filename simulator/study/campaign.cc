#include "simulator/study/campaign.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "simulator/base/hash.h"
#include "simulator/base/text_file.h"
#include "simulator/workload/scenario_kind.h"

namespace windtunnel {
namespace {

/// The stages of one scenario's run, or their sum where the campaign shows each as one.
RunStage whole(const std::string& name, const Projection& projection) {
  const RunProjection& run = *projection.run;
  return {.name = name,
          .schedule = projection.scenario.schedule,
          .micro_batches = projection.scenario.micro_batches,
          .steps = run.steps,
          .tokens = run.tokens,
          .step_time = projection.step.rank0.time,
          .gpu_hours = run.gpu_hours,
          .gpu_hours_low = run.gpu_hours_low,
          .gpu_hours_high = run.gpu_hours_high,
          .days = run.days,
          .cost = run.cost};
}

void add(RunProjection& sum, const RunStage& stage) {
  sum.tokens += stage.tokens;
  sum.steps += stage.steps;
  sum.gpu_hours += stage.gpu_hours;
  sum.gpu_hours_low += stage.gpu_hours_low;
  sum.gpu_hours_high += stage.gpu_hours_high;
  sum.days += stage.days;
  sum.cost += stage.cost;
  sum.stages.push_back(stage);
}

/// The assumptions of a stage with their effect on all `gpu_hours` of the campaign.
void add_assumptions(std::vector<AssumptionEffect>& all, const std::string& name,
                     const Projection& stage, double gpu_hours) {
  const double others = gpu_hours - stage.run->gpu_hours;
  for (AssumptionEffect effect : stage.provenance.assumptions) {
    effect.what = name + ": " + effect.what;
    effect.gpu_hours_low += others;
    effect.gpu_hours_high += others;
    all.push_back(std::move(effect));
  }
}

/// The classes of prices of all stages: what is off in one stage is off in the others too.
std::vector<MeasurementEffect> shared_measurements(const std::vector<Projection>& stages) {
  constexpr double kNoStep = std::numeric_limits<double>::quiet_NaN();  // stages have their own
  std::vector<MeasurementEffect> all;
  const auto find = [](std::vector<MeasurementEffect>& in, const std::string& what) {
    return std::find_if(in.begin(), in.end(), [&](const auto& it) { return it.what == what; });
  };
  for (const Projection& stage : stages) {
    for (const MeasurementEffect& effect : stage.provenance.measurements) {
      if (find(all, effect.what) == all.end()) all.push_back({effect.what, 0, 0, kNoStep, kNoStep});
    }
  }
  for (const Projection& stage : stages) {
    std::vector<MeasurementEffect> own = stage.provenance.measurements;
    for (MeasurementEffect& sum : all) {
      const auto effect = find(own, sum.what);
      const bool has = effect != own.end();
      sum.gpu_hours_low += has ? effect->gpu_hours_low : stage.run->gpu_hours;
      sum.gpu_hours_high += has ? effect->gpu_hours_high : stage.run->gpu_hours;
    }
  }
  return all;
}

void add_inputs(std::vector<InputFile>& inputs, const std::vector<InputFile>& more) {
  for (const InputFile& input : more) {
    const bool known = std::any_of(inputs.begin(), inputs.end(), [&](const InputFile& other) {
      return other.path == input.path;
    });
    if (!known) inputs.push_back(input);
  }
}

/// Shares of the stages' hours.
ProvenanceShares shares_of(const std::vector<Projection>& stages, double gpu_hours) {
  ProvenanceShares sum = stages.front().provenance;
  sum.measured = sum.scaled = 0;
  sum.outside_range.clear();
  sum.assumptions.clear();
  for (const Projection& stage : stages) {
    const double part = stage.run->gpu_hours / gpu_hours;
    sum.measured += stage.provenance.measured * part;
    sum.scaled += stage.provenance.scaled * part;
    for (const std::string& shape : stage.provenance.outside_range) {
      const auto& known = sum.outside_range;
      if (std::find(known.begin(), known.end(), shape) == known.end()) {
        sum.outside_range.push_back(shape);
      }
    }
  }
  sum.estimated = 1 - sum.measured - sum.scaled;
  return sum;
}

std::size_t longest(const std::vector<Projection>& stages) {
  const auto shorter = [](const Projection& a, const Projection& b) {
    return a.run->gpu_hours < b.run->gpu_hours;
  };
  return static_cast<std::size_t>(std::max_element(stages.begin(), stages.end(), shorter) -
                                  stages.begin());
}

/// A projected campaign, and which of its stages the step is of.
struct Simulated {
  Projection projection;
  std::size_t stage;
};

Projection simulate_stage(const CampaignStage& stage, const SimulationOptions& options) {
  if (const auto* learning = std::get_if<Reinforcement>(&stage.plan)) {
    return simulate_reinforcement(*learning, options);
  }
  return simulate(std::get<Scenario>(stage.plan), options);
}

/// The scenario of a stage's training step.
const Scenario& step_of(const CampaignStage& stage) {
  const auto* learning = std::get_if<Reinforcement>(&stage.plan);
  return learning != nullptr ? learning->training : std::get<Scenario>(stage.plan);
}

Simulated simulate_stages(const Campaign& campaign, const SimulationOptions& options) {
  std::vector<Projection> stages;
  const auto count = static_cast<double>(campaign.stages.size());
  for (const CampaignStage& stage : campaign.stages) {
    SimulationOptions own = options;
    const auto done = static_cast<double>(stages.size());
    own.progress = within(options.progress, done / count, (done + 1) / count);
    stages.push_back(simulate_stage(stage, own));
  }
  const std::size_t main = longest(stages);
  Projection projection = stages[main];
  RunProjection run{};
  for (std::size_t i = 0; i < stages.size(); ++i) {
    add(run, whole(campaign.stages[i].name, stages[i]));
    if (i == main) run.goodput = stages[i].run->goodput;
  }
  projection.provenance = shares_of(stages, run.gpu_hours);
  projection.provenance.measurements = shared_measurements(stages);
  for (std::size_t i = 0; i < stages.size(); ++i) {
    add_assumptions(projection.provenance.assumptions, campaign.stages[i].name, stages[i],
                    run.gpu_hours);
    add_inputs(projection.inputs, stages[i].inputs);
  }
  for (const auto& file : campaign.files) {
    add_inputs(projection.inputs,
               {{.path = file.string(), .hash = content_hash(read_text_file(file))}});
  }
  projection.run = std::move(run);
  projection.scenario.path = campaign.path.string();
  projection.scenario.name = campaign.name;
  projection.scenario.kind = "campaign";
  projection.published = published_rows(campaign.path, campaign.changed, projection,
                                        step_of(campaign.stages[main]), options.root);
  return {std::move(projection), main};
}

}  // namespace

Projection simulate_campaign(const Campaign& campaign, const SimulationOptions& options) {
  return simulate_stages(campaign, options).projection;
}

Projected project(const std::filesystem::path& file, const std::vector<Override>& overrides,
                  const SimulationOptions& options) {
  const ScenarioFamily family = scenario_family(file, overrides);
  if (family == ScenarioFamily::kReinforcement) {
    Reinforcement plan = load_reinforcement(file, overrides);
    Projection projection = simulate_reinforcement(plan, options);
    return {std::move(projection), std::move(plan.training)};
  }
  if (family != ScenarioFamily::kCampaign) {
    Scenario scenario = load_scenario(file, overrides);
    Projection projection = simulate(scenario, options);
    return {std::move(projection), std::move(scenario)};
  }
  Campaign campaign = load_campaign(file, overrides);
  Simulated simulated = simulate_stages(campaign, options);
  return {std::move(simulated.projection), step_of(campaign.stages[simulated.stage])};
}

}  // namespace windtunnel
