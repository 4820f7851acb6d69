#include "simulator/analysis/published.h"

#include <algorithm>
#include <system_error>

#include "simulator/base/fields.h"
#include "simulator/base/toml_file.h"

namespace windtunnel {
namespace {

Fields<PublishedFigure> figure_fields() {
  return Fields<PublishedFigure>("figures")
      .required("quantity", &PublishedFigure::quantity, "the projected quantity it stands beside")
      .required("unit", &PublishedFigure::unit, "of the value")
      .required("value", &PublishedFigure::value, between(-1e30, 1e30), "as published")
      .optional("tolerance", &PublishedFigure::tolerance, between(0, 10),
                "relative error that still passes")
      .optional("reason", &PublishedFigure::reason, "why it cannot be compared")
      .required("source", &PublishedFigure::source, "paper and table");
}

Fields<PublishedFile> published_fields() {
  return Fields<PublishedFile>("published")
      .required("scenario", &PublishedFile::scenario, "scenario file, relative to this one")
      .required("model", &PublishedFile::model, "as the publication calls it")
      .table("figures", &PublishedFile::figures, figure_fields());
}

}  // namespace

FileKeys published_keys() { return file_keys(published_fields()); }

PublishedFile load_published(const std::filesystem::path& file) {
  return decode(published_fields(), load_toml(file));
}

std::vector<PublishedFile> load_all_published(const std::filesystem::path& directory) {
  std::error_code missing;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory, missing)) {
    if (entry.path().extension() == ".toml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<PublishedFile> files;
  for (const auto& path : paths) files.push_back(load_published(path));
  return files;
}

}  // namespace windtunnel
