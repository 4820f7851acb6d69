#include "simulator/hardware/measurement_store.h"

#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "simulator/base/csv_file.h"
#include "simulator/base/error.h"
#include "simulator/hardware/author_price.h"
#include "simulator/hardware/calibration_file.h"
#include "simulator/hardware/leave_one_out.h"
#include "simulator/hardware/price_shelf.h"

namespace windtunnel {

/// Pointers handed out stay valid: std::map and std::unique_ptr never move what they hold.
class TableCache {
 public:
  using Key = std::array<std::string, 3>;  // gpu, source, table

  std::mutex mutex;
  std::map<Key, std::unique_ptr<StoredTable>> tables;
  std::map<Key, std::unique_ptr<CsvTable>> published;
  std::map<std::array<std::string, 2>, std::unique_ptr<Manifest>> manifests;
  std::map<Key, std::unique_ptr<const AuthorRatios>> ratios;  // gpu, sibling, table
  std::optional<std::map<CalibrationKey, CalibrationRow>> calibrations;
};

namespace {

bool is_there(const std::filesystem::path& file) {
  std::error_code failure;
  return std::filesystem::exists(file, failure);
}

/// A file of measurements; throws ConfigError where it holds none.
CsvTable load_rows(const std::filesystem::path& file) {
  CsvTable table = load_csv(file);
  if (table.row_count() > 0) return table;
  throw ConfigError(Source{table.file, 1, 1}, "no measurement stands here",
                    "a header and at least one row");
}

struct TablePlace {
  std::filesystem::path folder;
  std::filesystem::path file;
};

/// Where the table stands, or nothing.
std::optional<TablePlace> place_of(const MeasurementStore& store, const std::string& gpu,
                                   const TableRule& rule) {
  const std::filesystem::path folder = store.folder / gpu;
  const std::filesystem::path source = folder / rule.source;
  const TablePlace listed{source, source / (std::string(file_of(rule)) + ".csv")};
  if (is_there(listed.file)) return listed;
  for (const std::string_view name : kOwnSources) {
    const std::filesystem::path own = folder / name;
    const TablePlace place{own, own / (std::string(rule.table) + ".csv")};
    if (is_there(place.file)) return place;
  }
  return std::nullopt;
}

/// The committed calibration if it was made from these very measurements and this rule, else a new
/// one.
Calibration calibration_of(const std::map<CalibrationKey, CalibrationRow>& committed,
                           const std::string& gpu, const MeasurementTable& table,
                           std::size_t value) {
  const std::string name(table.rule->table);
  const auto found = committed.find({name, gpu, std::string(table.rule->values[value].column)});
  if (found != committed.end() && found->second.inputs == calibration_inputs(table)) {
    return found->second.result.calibration;
  }
  std::vector<const Surface*> surfaces;
  for (const MeasurementGroup& group : table.groups) surfaces.push_back(&group.surfaces[value]);
  return calibrate(surfaces).calibration;
}

std::unique_ptr<StoredTable> read_table(const MeasurementStore& store, const TableRule& rule,
                                        const std::string& gpu) {
  const auto place = place_of(store, gpu, rule);
  if (!place) return nullptr;
  const std::filesystem::path& file = place->file;
  auto stored = std::make_unique<StoredTable>(
      StoredTable{make_measurement_table(rule, load_rows(file)), {}, load_manifest(place->folder)});
  auto& committed = store.cache->calibrations;
  if (!committed) committed = load_calibrations(store.folder / "leave_one_out.csv");
  for (std::size_t value = 0; value < rule.values.size(); ++value) {
    stored->calibrations.push_back(calibration_of(*committed, gpu, stored->table, value));
  }
  return stored;
}

}  // namespace

MeasurementStore open_measurements(const std::filesystem::path& folder, std::vector<Gpu> gpus) {
  return {folder, std::move(gpus), std::make_shared<TableCache>(), std::make_shared<PriceShelf>()};
}

const StoredTable* find_table(const MeasurementStore& store, std::string_view gpu,
                              std::string_view table) {
  const TableRule* rule = find_table_rule(table);
  if (rule == nullptr) return nullptr;
  const std::lock_guard lock(store.cache->mutex);
  const TableCache::Key key = {std::string(gpu), std::string(rule->source), std::string(table)};
  const auto found = store.cache->tables.find(key);
  if (found != store.cache->tables.end()) return found->second.get();
  auto stored = read_table(store, *rule, key[0]);
  return store.cache->tables.emplace(key, std::move(stored)).first->second.get();
}

const CsvTable* find_published(const MeasurementStore& store, std::string_view gpu,
                               std::string_view source, std::string_view table) {
  const std::lock_guard lock(store.cache->mutex);
  const TableCache::Key key = {std::string(gpu), std::string(source), std::string(table)};
  const auto found = store.cache->published.find(key);
  if (found != store.cache->published.end()) return found->second.get();
  const std::filesystem::path file = store.folder / gpu / source / (key[2] + ".csv");
  auto csv = is_there(file) ? std::make_unique<CsvTable>(load_rows(file)) : nullptr;
  return store.cache->published.emplace(key, std::move(csv)).first->second.get();
}

std::string published_origin(const MeasurementStore& store, std::string_view gpu,
                             std::string_view source, std::string_view table) {
  const std::lock_guard lock(store.cache->mutex);
  const std::array<std::string, 2> key = {std::string(gpu), std::string(source)};
  auto found = store.cache->manifests.find(key);
  if (found == store.cache->manifests.end()) {
    const std::filesystem::path folder = store.folder / gpu / source;
    auto manifest = is_there(folder / "manifest.toml")
                        ? std::make_unique<Manifest>(load_manifest(folder))
                        : nullptr;
    found = store.cache->manifests.emplace(key, std::move(manifest)).first;
  }
  return found->second == nullptr ? key[1] : origin_text(*found->second, table);
}

const AuthorRatios& kept_ratios(const MeasurementStore& store,
                                const std::array<std::string, 3>& key,
                                const std::function<AuthorRatios()>& make) {
  {
    const std::lock_guard lock(store.cache->mutex);
    const auto found = store.cache->ratios.find(key);
    if (found != store.cache->ratios.end()) return *found->second;
  }
  // Made without the lock, since it asks for tables; two threads make the same.
  auto made = std::make_unique<const AuthorRatios>(make());
  const std::lock_guard lock(store.cache->mutex);
  return *store.cache->ratios.emplace(key, std::move(made)).first->second;
}

std::vector<std::string> gpus_with_table(const MeasurementStore& store, std::string_view table) {
  std::vector<std::string> ids;
  const TableRule* rule = find_table_rule(table);
  if (rule == nullptr) return ids;
  for (const Gpu& gpu : store.gpus) {
    if (place_of(store, gpu.id, *rule)) ids.push_back(gpu.id);
  }
  return ids;
}

}  // namespace windtunnel
