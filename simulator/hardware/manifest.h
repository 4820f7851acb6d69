// Who measured a folder's tables, on what, with which software.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "simulator/base/fields.h"
#include "simulator/base/source.h"

namespace windtunnel {

/// One file of the folder.
struct ManifestTable {
  Sourced<std::string> name;
  std::string implementation;
  std::string note;
};

/// "not recorded" stands where the authors don't say.
struct Manifest {
  std::string gpu;
  std::string device;
  std::string collected_by;
  std::string repository;
  std::string commit;
  std::string licence;
  std::string date;
  std::string clocks;
  std::string driver;
  std::string cuda;
  std::string samples;
  std::string noise;
  std::string regime;
  std::string units;
  std::string changes;
  std::vector<ManifestTable> tables;
};

const Fields<Manifest>& manifest_fields();

/// Reads `folder`/manifest.toml; throws ConfigError, also where it lists a file that isn't there.
Manifest load_manifest(const std::filesystem::path& folder);

/// "TensorRT-LLM 1.3.0rc20, ai-dynamo/aiconfigurator@095f58a"; only the collection for a table that
/// the manifest doesn't list.
std::string origin_text(const Manifest& manifest, std::string_view table);

}  // namespace windtunnel
