#include "simulator/study/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "simulator/base/error.h"
#include "simulator/base/hash.h"
#include "simulator/base/shown_text.h"
#include "simulator/base/text_file.h"
#include "simulator/study/campaign.h"
#include "simulator/study/inputs.h"
#include "simulator/study/serving.h"
#include "simulator/study/sweep_columns.h"
#include "simulator/workload/serving/scenario.h"

namespace windtunnel {
namespace {

using Values = std::vector<std::optional<Node>>;

/// What every point of a sweep shares.
struct Sweep {
  SweepSpec spec;
  std::vector<std::string> keys;
  std::string said_in;  ///< a name beside the specification: paths in it are relative to that
  PriceBook book;
  SimulationOptions options;
  std::unique_ptr<LoadShelf> loads = std::make_unique<LoadShelf>();
};

/// Of all that a row depends on: wherever the files lie.
std::string hash_of(const std::vector<InputFile>& files, const std::string& build) {
  std::string all = build;
  for (const InputFile& file : files) all += file.hash;
  return content_hash(all);
}

std::vector<Override> overrides_of(const Sweep& sweep, const Values& values) {
  std::vector<Override> overrides;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i]) overrides.emplace_back(sweep.keys[i], toml_text(*values[i]));
  }
  return overrides;
}

/// A text without its quotes: what a person compares with.
std::string cell_of(const std::optional<Node>& value) {
  if (!value) return "";
  const auto* text = std::get_if<std::string>(&value->value);
  return text != nullptr ? *text : toml_text(*value);
}

/// The sentence of an error, without the place, which is no file of anybody.
std::string sentence_of(const std::string& report) {
  constexpr std::string_view kMark = "error: ";
  constexpr std::size_t kMost = 300;
  const std::size_t mark = report.find(kMark);
  const std::size_t begin = mark == std::string::npos ? 0 : mark + kMark.size();
  return shown_text(std::string_view(report).substr(begin, report.find('\n', begin) - begin),
                    kMost);
}

Projection simulate_point(const Sweep& sweep, const std::vector<Override>& overrides,
                          const Projection*) {
  if (sweep.spec.family == ScenarioFamily::kTraining) {
    return simulate(load_scenario(sweep.spec.scenario, overrides, sweep.said_in), sweep.book,
                    sweep.options);
  }
  return project(sweep.spec.scenario, overrides, sweep.options).projection;
}

ServingProjection simulate_point(const Sweep& sweep, const std::vector<Override>& overrides,
                                 const ServingProjection*) {
  return simulate_serving(load_serving(sweep.spec.scenario, overrides, sweep.said_in), sweep.book,
                          sweep.options);
}

std::string gap_of(const Projection&) { return ""; }
std::string gap_of(const ServingProjection& projection) { return projection.unpriced; }

template <typename P>
Cells row_of(const Sweep& sweep, const SweepColumns<P>& columns, std::int64_t id) {
  const Values values = sweep_point(sweep.spec, id);
  Cells cells;
  for (const auto& value : values) cells.push_back(cell_of(value));
  std::string error;
  try {
    const P projection =
        simulate_point(sweep, overrides_of(sweep, values), static_cast<const P*>(nullptr));
    for (const SweepColumn<P>& column : columns) cells.push_back(column.cell(projection));
    error = gap_of(projection);
  } catch (const ConfigError& found) {
    error = sentence_of(found.what());
  } catch (const UsageError& found) {  // longer than the simulator's clock
    error = sentence_of(found.what());
  }
  cells.resize(values.size() + columns.size());
  cells.push_back(std::move(error));
  return cells;
}

template <typename P>
Batch batch_of(Sweep sweep, const SweepColumns<P>& all, const std::string& hash) {
  const SweepColumns<P> columns = chosen_columns(all, sweep.spec.columns, sweep.spec.intervals);
  Batch batch{
      .head = {.name = sweep.spec.name, .hash = hash, .count = sweep.spec.count, .columns = {}},
      .evaluate = {}};
  for (const std::string& key : sweep.keys) batch.head.columns.push_back({key, ColumnType::kAny});
  for (const SweepColumn<P>& column : columns) {
    batch.head.columns.push_back({std::string(column.name), column.type});
  }
  batch.head.columns.push_back({kErrorColumn, ColumnType::kText});
  sweep.options.whole_run = std::any_of(columns.begin(), columns.end(), [](const auto& column) {
    return column.of != QuantityOf::kStep;
  });
  sweep.options.shelf = sweep.loads.get();
  const auto shared = std::make_shared<const Sweep>(std::move(sweep));
  batch.evaluate = [shared, columns](std::int64_t id) { return row_of(*shared, columns, id); };
  return batch;
}

}  // namespace

Batch sweep_batch(const SweepSpec& spec, const std::filesystem::path& root,
                  const std::string& build) {
  // Before anything is read for the points, so that no edit goes unnoticed.
  const std::vector<InputFile> files = input_files(spec.files, root);
  const std::string hash = hash_of(files, build);
  Sweep sweep{
      .spec = spec,
      .keys = sweep_keys_of(spec),
      .said_in = (spec.path.parent_path() / "a point of the sweep").string(),
      .book = load_price_book(root),
      .options = {
          .fidelity = Fidelity::kFolded, .threads = 1, .root = root, .intervals = spec.intervals}};
  Batch batch = spec.family == ScenarioFamily::kServing
                    ? batch_of(std::move(sweep), serving_columns(), hash)
                    : batch_of(std::move(sweep), training_columns(), hash);
  batch.changed = [spec, root, files] { return changed_input(spec.files, root, files); };
  return batch;
}

SweepEstimate estimate_sweep(const Batch& batch) {
  constexpr int kMost = 16;
  constexpr int kFewest = 2;
  constexpr double kEnough = 1;  // second
  const auto start = std::chrono::steady_clock::now();
  std::chrono::duration<double> taken{0};
  int points = 0;
  while (points < kMost && points < batch.head.count &&
         (points < kFewest || taken.count() < kEnough)) {
    // The first one of each sixteenth, in an order that spreads from the start.
    const std::int64_t place = (points * 7) % kMost;
    batch.evaluate(place * batch.head.count / kMost);
    ++points;
    taken = std::chrono::steady_clock::now() - start;
  }
  return {.points = points, .each = {taken.count() / std::max(points, 1)}};
}

}  // namespace windtunnel
