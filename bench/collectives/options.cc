#include "bench/collectives/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "simulator/base/error.h"

namespace windtunnel::bench {
namespace {

/// No buffer larger than a terabyte, whatever is asked.
constexpr std::int64_t kMostBytes = std::int64_t{1} << 40;

template <typename Value, typename Name>
std::vector<std::string> names_of(const Value& values, Name name) {
  std::vector<std::string> names;
  for (const auto value : values) names.emplace_back(name(value));
  return names;
}

void add_what(CLI::App& app, std::vector<std::string>& kinds, std::vector<std::string>& skews) {
  app.add_option("--operations", kinds, "which of them, by commas (default: all)")
      ->type_name("NAME,...")
      ->delimiter(',')
      ->check(CLI::IsMember(names_of(kCollectives, collective_name)));
  app.add_option("--skew", skews,
                 "of an alltoallv, by commas (default: all); what a rank sends to rank r of n:\n"
                 "balanced 1/n, zipf ~ 1/(r + 1), hot 1/2 to rank 0 and the rest evenly")
      ->type_name("NAME,...")
      ->delimiter(',')
      ->check(CLI::IsMember(names_of(kSkews, skew_name)));
}

void add_sizes(CLI::App& app, CollectiveOptions& options) {
  const auto bytes = [&](const char* name, std::int64_t& to, const char* text) {
    app.add_option(name, to, text)
        ->type_name("BYTES")
        ->transform(CLI::AsSizeValue(false))
        ->check(CLI::Range(std::int64_t{1}, kMostBytes));
  };
  bytes("--least", options.sweep.least, "the first size, as 8K, 1M (default 1K)");
  bytes("--most", options.sweep.most, "the last (default 256M)");
  app.add_option("--factor", options.sweep.factor, "from one size to the next (default 4)")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{2}, std::int64_t{1} << 20));
  app.add_option("--samples", options.samples, "of each case (default 20)")
      ->type_name("N")
      ->check(CLI::Range(1, 100000));
}

void add_outputs(CLI::App& app, CollectiveOptions& options) {
  app.add_option("--json", options.json, "every sample, as windtunnel/collectives (- is stdout)")
      ->type_name("FILE");
  app.add_option("--database", options.database, "append the run to this SQLite file")
      ->type_name("FILE");
  app.add_option("--measurements", options.measurements,
                 "write DIR/<gpu>/windtunnel-collectives, as in bench/measurements")
      ->type_name("DIR");
}

}  // namespace

CollectiveOptions parse_collective_options(std::vector<std::string> arguments) {
  CollectiveOptions options;
  options.sweep = {.kinds = {}, .skews = {}, .least = 1 << 10, .most = 256 << 20, .factor = 4};
  std::vector<std::string> kinds;
  std::vector<std::string> skews;
  CLI::App app{"Measures collectives and the exchange of experts between ranks.",
               "windtunnel-collectives"};
  app.footer(
      "One process drives all GPUs of a node; on several: mpirun -np RANKS "
      "windtunnel-collectives.\n"
      "Exit codes: 0 fine, 1 an output is wrong, 2 usage, 3 no GPUs, NCCL or MPI, 70 internal.");
  app.add_option_function<std::string>(
         "--over",
         [&](const std::string& word) {
           options.over = word == "hosts" ? Over::kHosts : Over::kGpus;
         },
         "gpus (default, NCCL); hosts: memory to memory by MPI, which tests all but GPUs")
      ->check(CLI::IsMember({"gpus", "hosts"}));
  add_what(app, kinds, skews);
  add_sizes(app, options);
  add_outputs(app, options);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    options.help = app.help();
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("{}\n  see windtunnel-collectives --help", error.what()));
  }
  for (const Collective kind : kCollectives) {
    const auto name = std::string(collective_name(kind));
    const bool chosen = std::find(kinds.begin(), kinds.end(), name) != kinds.end();
    if (kinds.empty() || chosen) options.sweep.kinds.push_back(kind);
  }
  for (const Skew skew : kSkews) {
    const auto name = std::string(skew_name(skew));
    const bool chosen = std::find(skews.begin(), skews.end(), name) != skews.end();
    if (skews.empty() || chosen) options.sweep.skews.push_back(skew);
  }
  if (options.sweep.least > options.sweep.most) {
    throw UsageError("--least is larger than --most\n  see windtunnel-collectives --help");
  }
  return options;
}

}  // namespace windtunnel::bench
