// All measurements of the tree, read table by table when they are first asked for.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/hardware/gpu.h"
#include "simulator/hardware/lookup.h"
#include "simulator/hardware/manifest.h"
#include "simulator/hardware/measurement_table.h"

namespace windtunnel {

/// The source folders that windtunnel-bench and windtunnel-collectives write: read where a rule's
/// own source lacks the table.
inline constexpr std::string_view kOwnSources[] = {"windtunnel", "windtunnel-collectives"};

/// A table of table_rules(), ready for look-up.
struct StoredTable {
  MeasurementTable table;
  std::vector<Calibration> calibrations;  ///< one a value
  Manifest manifest;
};

/// Tables already read; safe to use from several threads.
class TableCache;

/// Prices already made of them (price_shelf.h).
class PriceShelf;

/// `folder` holds <gpu>/<source>/<table>.csv. Copies share the tables.
struct MeasurementStore {
  std::filesystem::path folder;
  std::vector<Gpu> gpus;
  std::shared_ptr<TableCache> cache;
  std::shared_ptr<PriceShelf> prices;
};

/// Reads nothing yet.
MeasurementStore open_measurements(const std::filesystem::path& folder, std::vector<Gpu> gpus);

/// The table on that very GPU, of the rule's source or else our own, or null; throws ConfigError
/// for a broken file. Lives as long as the store.
const StoredTable* find_table(const MeasurementStore& store, std::string_view gpu,
                              std::string_view table);

/// A table of published numbers, <gpu>/<source>/<table>.csv, or null.
const CsvTable* find_published(const MeasurementStore& store, std::string_view gpu,
                               std::string_view source, std::string_view table);

/// What software, by whom: of such a table. Only the folder's name where it has no manifest.
std::string published_origin(const MeasurementStore& store, std::string_view gpu,
                             std::string_view source, std::string_view table);

/// How the times that authors published of a GPU relate to those of its sibling: computed by `make`
/// when first asked for (`key`: GPU, sibling, table), kept as long as the store.
struct AuthorRatios;
const AuthorRatios& kept_ratios(const MeasurementStore& store,
                                const std::array<std::string, 3>& key,
                                const std::function<AuthorRatios()>& make);

/// Ids of the GPUs for which find_table finds one.
std::vector<std::string> gpus_with_table(const MeasurementStore& store, std::string_view table);

}  // namespace windtunnel
