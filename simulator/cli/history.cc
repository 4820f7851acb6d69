#include <memory>

#include "reports/compare/history_page.h"
#include "simulator/base/threads.h"
#include "simulator/cli/command.h"

namespace windtunnel {
namespace {

struct Options {
  std::string database = "results.db";
  std::string filter;
  std::string json;
  std::string html;
};

ExitCode run_history(const Options& options, const Environment& environment) {
  const std::vector<History> all = find_changes(read_history(options.database, options.filter),
                                                ChangePointRules{}, hardware_threads());
  if (!options.json.empty()) {
    write_output(options.json, render_history_json(all, environment.build));
  }
  if (!options.html.empty()) {
    write_output(options.html, render_history_page(all, environment.build));
  }
  if (options.json != "-" && options.html != "-")
    write_output("-", render_history_text(all, environment.colour));
  return ExitCode::kFine;
}

}  // namespace

Command add_history(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "history", "Benchmarks over all runs of a results database, and where they changed");
  command->add_option("--database", options->database, "SQLite file (results.db)")
      ->type_name("FILE");
  command->add_option("--filter", options->filter, "only benchmarks whose name contains it");
  command->add_option("--json", options->json, "write the document, - for stdout")
      ->type_name("FILE");
  command->add_option("--html", options->html, "write a page with a line a benchmark")
      ->type_name("FILE");
  command->footer(
      "Examples:\n"
      "  windtunnel history --database results.db --filter gemm\n"
      "  windtunnel history --html history.html");
  return [options, &environment] { return run_history(*options, environment); };
}

}  // namespace windtunnel
