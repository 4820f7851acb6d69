#include <fmt/format.h>

#include <memory>

#include "reports/render/file_schema.h"
#include "simulator/base/error.h"
#include "simulator/base/suggestion.h"
#include "simulator/cli/command.h"

namespace windtunnel {
namespace {

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const FileKind& kind : file_kinds()) names.emplace_back(kind.name);
  return names;
}

ExitCode run_schema(const std::string& name) {
  std::vector<FileKind> kinds;
  for (const FileKind& kind : file_kinds()) {
    if (name.empty() || kind.name == name) kinds.push_back(kind);
  }
  if (kinds.empty()) {
    throw UsageError(fmt::format("unknown kind of file `{}`{}\n  kinds: {}", name,
                                 did_you_mean(name, kind_names()), fmt::join(kind_names(), ", ")));
  }
  write_output("-", render_schema(kinds));
  return ExitCode::kFine;
}

}  // namespace

Command add_schema(CLI::App& app, const Environment&) {
  const auto name = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("schema", "JSON Schema (draft 4) of the files that are read");
  command->add_option("NAME", *name,
                      fmt::format("one kind: {}; all by default", fmt::join(kind_names(), ", ")));
  command->footer(
      "Examples:\n"
      "  windtunnel schema scenario > scenario.json\n"
      "A file whose first line is `#:schema scenario.json` is then checked by editors with taplo.");
  return [name] { return run_schema(*name); };
}

}  // namespace windtunnel
