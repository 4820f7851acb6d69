#include "simulator/study/validation.h"

#include <algorithm>
#include <iterator>

#include "simulator/analysis/serving_comparison.h"
#include "simulator/base/error.h"
#include "simulator/base/hash.h"
#include "simulator/base/lower_case.h"
#include "simulator/base/text_file.h"
#include "simulator/base/toml_file.h"
#include "simulator/study/campaign.h"
#include "simulator/study/serving.h"
#include "simulator/study/set_validation.h"
#include "simulator/workload/scenario_kind.h"

namespace windtunnel {
namespace {

bool contains(const std::string& model, const std::string& quantity, const std::string& filter) {
  const std::string wanted = lower_case(filter);
  return lower_case(model).find(wanted) != std::string::npos ||
         lower_case(quantity).find(wanted) != std::string::npos;
}

bool may_hold(const PublishedFile& file, const std::string& filter) {
  return std::any_of(file.figures.begin(), file.figures.end(), [&](const PublishedFigure& figure) {
    return contains(file.model, figure.quantity.value, filter);
  });
}

struct Compared {
  std::vector<ComparisonRow> rows;
  std::vector<InputFile> inputs;
};

/// The figures of one file beside the projection of its scenario.
Compared compare(const PublishedFile& file, const SimulationOptions& options) {
  const std::filesystem::path path = beside(file.scenario);
  if (scenario_family(path, {}) == ScenarioFamily::kServing) {
    const ServingProjection projection = simulate_serving(load_serving(path, {}), options);
    return {compare_serving(file, projection, false), projection.inputs};
  }
  const auto [projection, scenario] = project(path, {}, options);
  return {
      compare_published(file, projection, scenario.model, attention_length(scenario.batch), false),
      projection.inputs};
}

void add_input(Validation& validation, const InputFile& input) {
  const bool known = std::any_of(validation.inputs.begin(), validation.inputs.end(),
                                 [&](const InputFile& other) { return other.path == input.path; });
  if (!known) validation.inputs.push_back(input);
}

std::vector<PublishedFile> chosen_files(const std::filesystem::path& root,
                                        const std::string& filter) {
  std::vector<PublishedFile> files = load_all_published(root / "scenarios/published");
  files.erase(std::remove_if(files.begin(), files.end(),
                             [&](const PublishedFile& file) { return !may_hold(file, filter); }),
              files.end());
  return files;
}

std::vector<PublishedSet> chosen_sets(const std::filesystem::path& root,
                                      const std::string& filter) {
  std::vector<PublishedSet> sets = load_all_published_sets(root / "scenarios/published/sets");
  sets.erase(std::remove_if(sets.begin(), sets.end(),
                            [&](const PublishedSet& set) {
                              return lower_case(set.model).find(lower_case(filter)) ==
                                     std::string::npos;
                            }),
             sets.end());
  return sets;
}

void add_sets(Validation& validation, const std::vector<PublishedSet>& sets,
              const std::filesystem::path& root, int threads, const Progress& progress) {
  if (sets.empty()) return;
  const PriceBook book = load_price_book(root);
  const auto pieces = static_cast<double>(sets.size());
  for (const PublishedSet& set : sets) {
    const double begun = static_cast<double>(&set - sets.data()) / pieces;
    ValidatedSet validated =
        validate_set(set, book, threads, within(progress, begun, begun + 1 / pieces));
    validation.sets.push_back(std::move(validated.summary));
    std::move(validated.runs.begin(), validated.runs.end(), std::back_inserter(validation.rows));
    for (const auto& file : validated.files) {
      add_input(validation, {.path = file.string(), .hash = content_hash(read_text_file(file))});
    }
  }
}

}  // namespace

Validation validate(const std::filesystem::path& root, const std::string& filter, int threads,
                    const Progress& progress) {
  Validation validation;
  const std::vector<PublishedFile> files = chosen_files(root, filter);
  const std::vector<PublishedSet> sets = chosen_sets(root, filter);
  const double of_files = sets.empty() ? 1 : 0.5;  // of the time; the rest are sets
  const auto pieces = static_cast<double>(files.size()) / of_files;
  for (const PublishedFile& file : files) {
    const double begun = static_cast<double>(&file - files.data()) / pieces;
    const SimulationOptions options{.fidelity = Fidelity::kFolded,
                                    .threads = threads,
                                    .root = root,
                                    .progress = within(progress, begun, begun + 1 / pieces)};
    const Compared compared = compare(file, options);
    for (const ComparisonRow& row : compared.rows) {
      if (contains(row.model, row.quantity, filter)) validation.rows.push_back(row);
    }
    for (const InputFile& input : compared.inputs) add_input(validation, input);
  }
  add_sets(validation, sets, root, threads, within(progress, of_files, 1));
  if (validation.rows.empty()) {
    throw UsageError("no published figure " +
                     (filter.empty() ? "in " + (root / "scenarios/published").string()
                                     : "whose model or quantity contains `" + filter + "`"));
  }
  sort_by_failure(validation.rows);
  return validation;
}

}  // namespace windtunnel
