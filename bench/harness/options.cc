#include "bench/harness/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <regex>

#include "simulator/base/error.h"

namespace windtunnel::bench {
namespace {

void add_flags(CLI::App& app, Options& options) {
  app.add_flag("--list", options.list, "names of the cases");
  CLI::Option* check = app.add_flag("--check", options.check,
                                    "only compare outputs with the references, on the GPU");
  app.add_flag("--tiny", options.tiny, "with --check: at the shapes of the device model")
      ->needs(check);
  app.add_flag("--overlap", options.overlap,
               "instead: compute kernels beside an exchange that shares their SMs")
      ->excludes(check);
}

void add_choices(CLI::App& app, Options& options) {
  app.add_option("--filter", options.filter,
                 "only the cases whose name this regular expression finds")
      ->type_name("RE");
  app.add_option("--launches", options.launches,
                 "samples of each kernel (default: half a second of them)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  app.add_option_function<std::string>(
         "--regime",
         [&](const std::string& word) {
           options.regime = word == "sustained" ? Regime::kSustained : Regime::kBurst;
         },
         "boost clocks with rests (default), or settled under load")
      ->check(CLI::IsMember({"burst", "sustained"}));
  app.add_option_function<std::string>(
         "--device",
         [&](const std::string& word) { options.device = word == "model" ? On::kModel : On::kGpu; },
         "gpu (default); model: counts and correctness on the CPU, no times")
      ->check(CLI::IsMember({"gpu", "model"}));
}

void add_outputs(CLI::App& app, Options& options) {
  app.add_option("--json", options.json, "every sample, as windtunnel/bench (- is stdout)")
      ->type_name("FILE");
  app.add_option("--google-json", options.google_json, "the medians, as Google Benchmark's JSON")
      ->type_name("FILE");
  app.add_option("--database", options.database, "append the run to this SQLite file")
      ->type_name("FILE");
  app.add_option("--measurements", options.measurements,
                 "write DIR/<gpu>/windtunnel, as in bench/measurements")
      ->type_name("DIR");
}

}  // namespace

Options parse_options(std::vector<std::string> arguments) {
  Options options;
  CLI::App app{"Measures the kernels on this GPU.", "windtunnel-bench"};
  app.footer(
      "Exit codes: 0 fine, 1 a kernel is wrong, 2 usage, 3 no GPU, 70 internal or a CUDA error.");
  add_choices(app, options);
  add_flags(app, options);
  add_outputs(app, options);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    options.help = app.help();
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("{}\n  see windtunnel-bench --help", error.what()));
  }
  if (options.overlap && options.device == On::kModel) {
    throw UsageError("--overlap takes times, which the device model has none of");
  }
  return options;
}

std::vector<Case> filtered(std::span<const Case> cases, const std::string& filter) {
  std::vector<Case> found;
  try {
    const std::regex expression(filter);
    for (const Case& it : cases) {
      if (std::regex_search(case_name(it), expression)) found.push_back(it);
    }
  } catch (const std::regex_error& error) {
    throw UsageError(fmt::format("--filter `{}`: {}", filter, error.what()));
  }
  if (found.empty()) {
    throw UsageError(fmt::format("--filter `{}` finds no case; --list names them", filter));
  }
  return found;
}

}  // namespace windtunnel::bench
