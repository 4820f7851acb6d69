// What the world reported, kept apart from everything that prices a step: only analysis reads it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "simulator/base/field_rows.h"
#include "simulator/base/source.h"

namespace windtunnel {

/// One reported number. `tolerance` is the relative miss that still passes; where the publication
/// leaves too much out to compare, or there is none, `reason` says so.
struct PublishedFigure {
  Sourced<std::string> quantity;
  std::string unit;
  std::optional<double> value;
  std::optional<double> tolerance;
  std::optional<std::string> reason;
  std::string source;
};

/// The figures of one file, and the scenario that they are about (a path beside the file).
struct PublishedFile {
  Sourced<std::string> scenario;
  std::string model;
  std::vector<PublishedFigure> figures;
};

/// Reads one file of scenarios/published; throws ConfigError.
PublishedFile load_published(const std::filesystem::path& file);

/// What may be written in such a file.
FileKeys published_keys();

/// Every file of `directory` in name order; none where there is no such directory.
std::vector<PublishedFile> load_all_published(const std::filesystem::path& directory);

}  // namespace windtunnel
