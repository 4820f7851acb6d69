#include <fmt/format.h>

#include <algorithm>

#include "bench/collectives/report.h"
#include "bench/harness/statistics.h"
#include "bench/harness/toml_text.h"

namespace windtunnel::bench {
namespace {

bool has_time(const CollectiveResult& it) { return it.wrong.empty() && summarize(it.ns); }

/// Kinds that the simulator's table has, all of equal amounts.
bool is_nccl(const CollectiveResult& it) {
  return has_time(it) && it.item.kind <= Collective::kAllToAll;
}

std::string nccl_csv(const CollectiveRun& run, std::span<const CollectiveResult> results) {
  std::string text;
  for (const CollectiveResult& it : results) {
    if (!is_nccl(it)) continue;
    text += fmt::format("{},half,{},{},{:.3f}\n", collective_name(it.item.kind), run.ranks,
                        it.item.elements, summarize(it.ns)->median / 1000);
  }
  return text.empty() ? "" : "op,dtype,num_gpus,elements,latency_us\n" + text;
}

std::string all_csv(const CollectiveRun& run, std::span<const CollectiveResult> results) {
  std::string text =
      "op,skew,num_gpus,num_nodes,elements,algorithm_bytes,bus_bytes,latency_us,noise,samples\n";
  for (const CollectiveResult& it : results) {
    if (!has_time(it)) continue;
    const auto summary = summarize(it.ns);
    text += fmt::format("{},{},{},{},{},{:.0f},{:.0f},{:.3f},{:.4f},{}\n",
                        collective_name(it.item.kind), skew_name(it.item.skew), run.ranks,
                        run.nodes, it.item.elements, it.moved.algorithm.value, it.moved.bus.value,
                        summary->median / 1000, summary->noise, summary->n);
  }
  return text;
}

std::string manifest_toml(const CollectiveRun& run, std::span<const CollectiveResult> results,
                          bool has_nccl) {
  double noise = 0;
  std::size_t least = results.size() == 0 ? 0 : SIZE_MAX;
  for (const CollectiveResult& it : results) {
    if (!has_time(it)) continue;
    noise = std::max(noise, summarize(it.ns)->noise);
    least = std::min(least, it.ns.size());
  }
  std::string text = manifest_head(
      run.machine, {.program = "windtunnel-collectives",
                    .commit = run.commit,
                    .date = run.date,
                    .clocks = "not recorded",
                    .samples = fmt::format("{} or more; the median of the slowest rank", least),
                    .noise = fmt::format("distance of the quartiles at most {:.1f} % of the median",
                                         100 * noise),
                    .regime = "back to back, 20 launches a sample up to 1 MiB; nothing beside them",
                    .units = "columns in _us are microseconds; the others are counts and bytes"});
  const std::string ranks = fmt::format("{} ranks on {} nodes", run.ranks, run.nodes);
  text += toml_table("collectives", run.backend,
                     ranks + ". Elements of two bytes, counted as nccl-tests does.");
  if (has_nccl) {
    text +=
        toml_table("nccl", run.backend, ranks + ". BF16, listed as half: of two bytes as well.");
  }
  return text;
}

}  // namespace

std::map<std::filesystem::path, std::string> collective_files(
    const CollectiveRun& run, std::span<const CollectiveResult> results) {
  std::map<std::filesystem::path, std::string> files;
  if (run.machine.gpu.empty() || std::none_of(results.begin(), results.end(), has_time)) {
    return files;
  }
  const std::filesystem::path folder =
      std::filesystem::path(run.machine.gpu) / "windtunnel-collectives";
  // The simulator's table is of one node.
  const std::string nccl = run.nodes == 1 ? nccl_csv(run, results) : "";
  files[folder / "manifest.toml"] = manifest_toml(run, results, !nccl.empty());
  files[folder / "collectives.csv"] = all_csv(run, results);
  if (!nccl.empty()) files[folder / "nccl.csv"] = nccl;
  return files;
}

}  // namespace windtunnel::bench
