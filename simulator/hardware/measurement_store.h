// All measurements of the tree, read table by table when they are first asked for.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/hardware/gpu.h"
#include "simulator/hardware/lookup.h"
#include "simulator/hardware/manifest.h"
#include "simulator/hardware/measurement_table.h"

namespace windtunnel {

/// The source folder of the tables that table_rules() describe.
inline constexpr std::string_view kCollection = "aiconfigurator";
/// The source folder that windtunnel-bench writes: read where the collection lacks the table.
inline constexpr std::string_view kOwnSource = "windtunnel";

/// A table of the collection or our own, ready for look-up.
struct StoredTable {
  MeasurementTable table;
  std::vector<Calibration> calibrations;  ///< one a value
  Manifest manifest;
};

/// Tables already read; safe to use from several threads.
class TableCache;

/// `folder` holds <gpu>/<source>/<table>.csv. Copies share the tables.
struct MeasurementStore {
  std::filesystem::path folder;
  std::vector<Gpu> gpus;
  std::shared_ptr<TableCache> cache;
};

/// Reads nothing yet.
MeasurementStore open_measurements(const std::filesystem::path& folder, std::vector<Gpu> gpus);

/// The collection's table on that very GPU, else our own, or null; throws ConfigError for a broken
/// file. Lives as long as the store.
const StoredTable* find_table(const MeasurementStore& store, std::string_view gpu,
                              std::string_view table);

/// A table of published numbers, <gpu>/<source>/<table>.csv, or null.
const CsvTable* find_published(const MeasurementStore& store, std::string_view gpu,
                               std::string_view source, std::string_view table);
const Manifest* find_manifest(const MeasurementStore& store, std::string_view gpu,
                              std::string_view source);

/// Ids of the GPUs for which find_table finds one.
std::vector<std::string> gpus_with_table(const MeasurementStore& store, std::string_view table);

}  // namespace windtunnel
