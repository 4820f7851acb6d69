#include "simulator/hardware/manifest.h"

#include <fmt/format.h>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"

namespace windtunnel {
namespace {

Fields<ManifestTable> table_fields() {
  return Fields<ManifestTable>("table")
      .required("name", &ManifestTable::name, "the file without .csv")
      .required("implementation", &ManifestTable::implementation, "software and its version")
      .required("note", &ManifestTable::note, "what a row is");
}

Fields<Manifest> make_fields() {
  return Fields<Manifest>("manifest")
      .required("gpu", &Manifest::gpu, "id of the GPU file")
      .required("device", &Manifest::device, "the device's full name")
      .required("collected_by", &Manifest::collected_by, "who measured")
      .required("repository", &Manifest::repository, "where the numbers were published")
      .required("commit", &Manifest::commit, "of the repository")
      .required("licence", &Manifest::licence, "of the numbers")
      .required("date", &Manifest::date, "of the measurement")
      .required("clocks", &Manifest::clocks, "of the GPU")
      .required("driver", &Manifest::driver, "its version")
      .required("cuda", &Manifest::cuda, "its version")
      .required("samples", &Manifest::samples, "behind a number, and which of them it is")
      .required("noise", &Manifest::noise, "of a number")
      .required("regime", &Manifest::regime, "alone, sustained, inside a step")
      .required("units", &Manifest::units, "of the columns")
      .required("changes", &Manifest::changes, "between the publication and these files")
      .table("tables", &Manifest::tables, table_fields(), "one a file");
}

}  // namespace

const Fields<Manifest>& manifest_fields() {
  static const Fields<Manifest> fields = make_fields();
  return fields;
}

Manifest load_manifest(const std::filesystem::path& folder) {
  Manifest manifest = decode(manifest_fields(), load_toml(folder / "manifest.toml"));
  for (const ManifestTable& table : manifest.tables) {
    const std::string file = table.name.value + ".csv";
    std::error_code failure;
    if (std::filesystem::exists(folder / file, failure)) continue;
    throw ConfigError(table.name.source, fmt::format("there is no {} beside the manifest", file),
                      "the name of a table in this folder, without .csv");
  }
  return manifest;
}

std::string origin_text(const Manifest& manifest, std::string_view table) {
  constexpr std::string_view kHost = "https://github.com/";
  std::string repository = manifest.repository;
  if (repository.rfind(kHost, 0) == 0) repository.erase(0, kHost.size());
  const std::string collection = fmt::format("{}@{}", repository, manifest.commit);
  for (const ManifestTable& entry : manifest.tables) {
    if (entry.name.value == table) return fmt::format("{}, {}", entry.implementation, collection);
  }
  return collection;
}

}  // namespace windtunnel
