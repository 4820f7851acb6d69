#include "bench/collectives/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/harness/statistics.h"

namespace windtunnel::bench {
namespace {

using Json = nlohmann::ordered_json;

double gb_per_s(Bytes bytes, double ns) { return bytes.value / ns; }

std::string line_of(const CollectiveResult& it) {
  const std::string head = fmt::format("{:<18}{:>14}{:>14}", case_name(it.item),
                                       it.item.elements * kElementBytes, it.item.elements);
  if (!it.wrong.empty()) return fmt::format("{}  WRONG: {}\n", head, it.wrong);
  if (!it.note.empty()) return fmt::format("{}  not measured: {}\n", head, it.note);
  const auto summary = summarize(it.ns);
  if (!summary) return fmt::format("{}  no time\n", head);
  return fmt::format("{}{:>12.2f}{:>8.1f}%{:>10.2f}{:>10.2f}\n", head, summary->median / 1000,
                     100 * summary->noise, gb_per_s(it.moved.algorithm, summary->median),
                     gb_per_s(it.moved.bus, summary->median));
}

Json result_json(const CollectiveResult& it) {
  Json json = {{"operation", collective_name(it.item.kind)},
               {"skew", skew_name(it.item.skew)},
               {"elements", it.item.elements},
               {"bytes", it.item.elements * kElementBytes},
               {"algorithm_bytes", it.moved.algorithm.value},
               {"bus_bytes", it.moved.bus.value},
               {"launches_a_sample", it.launches},
               {"wrong", it.wrong},
               {"note", it.note},
               {"samples", {{"ns", it.ns}}}};
  if (const auto summary = summarize(it.ns)) {
    json["median_us"] = summary->median / 1000;
    json["noise"] = summary->noise;
    json["algorithm_gb_per_s"] = gb_per_s(it.moved.algorithm, summary->median);
    json["bus_gb_per_s"] = gb_per_s(it.moved.bus, summary->median);
  }
  return json;
}

}  // namespace

std::string collective_table(const CollectiveRun& run, std::span<const CollectiveResult> results) {
  std::string text =
      fmt::format("{}, {}, {} ranks on {} node{}, {}\n\n", run.machine.device, run.backend,
                  run.ranks, run.nodes, run.nodes == 1 ? "" : "s", run.date);
  text += fmt::format("{:<18}{:>14}{:>14}{:>12}{:>9}{:>10}{:>10}\n", "operation", "bytes",
                      "elements", "us", "noise", "alg GB/s", "bus GB/s");
  for (const CollectiveResult& it : results) text += line_of(it);
  return text;
}

std::string collective_json(const CollectiveRun& run, std::span<const CollectiveResult> results) {
  Json rows = Json::array();
  for (const CollectiveResult& it : results) rows.push_back(result_json(it));
  const Json document = {{"schema", "windtunnel/collectives"},
                         {"version", 1},
                         {"commit", run.commit},
                         {"date", run.date},
                         {"backend", run.backend},
                         {"ranks", run.ranks},
                         {"nodes", run.nodes},
                         {"gpu", run.machine.gpu},
                         {"device", run.machine.device},
                         {"driver", run.machine.driver},
                         {"cuda", run.machine.cuda},
                         {"element_bytes", kElementBytes},
                         {"results", std::move(rows)}};
  return document.dump(2) + "\n";
}

}  // namespace windtunnel::bench
