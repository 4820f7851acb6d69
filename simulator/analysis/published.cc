#include "simulator/analysis/published.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "simulator/base/error.h"
#include "simulator/base/fields.h"
#include "simulator/base/toml_file.h"

namespace windtunnel {
namespace {

Fields<PublishedFigure> figure_fields() {
  return Fields<PublishedFigure>("figures")
      .required("quantity", &PublishedFigure::quantity, "the projected quantity it stands beside")
      .required("unit", &PublishedFigure::unit, "of the value")
      .optional("value", &PublishedFigure::value, between(-1e30, 1e30),
                "as published; left out where nobody published it, with the reason")
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
  const Node root = load_toml(file);
  PublishedFile published = decode(published_fields(), root);
  for (std::size_t i = 0; i < published.figures.size(); ++i) {
    const PublishedFigure& figure = published.figures[i];
    if (figure.value || figure.reason) continue;
    throw ConfigError(source_of(root, fmt::format("figures.{}", i)), "a figure without a value",
                      "value, or a reason why there is none");
  }
  return published;
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
