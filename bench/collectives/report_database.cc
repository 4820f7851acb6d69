#include <fmt/format.h>

#include <limits>

#include "bench/collectives/report.h"
#include "bench/harness/database.h"
#include "bench/harness/statistics.h"

namespace windtunnel::bench {
void append_collectives(const std::filesystem::path& path, const CollectiveRun& run,
                        std::span<const CollectiveResult> results) {
  SqlFile file(path);
  file.execute("BEGIN IMMEDIATE");
  const std::int64_t id = insert_run(file, run.machine, run.commit, run.date, "collectives");
  const double none = std::numeric_limits<double>::quiet_NaN();
  for (const CollectiveResult& it : results) {
    const auto summary = summarize(it.ns);
    const std::int64_t row = file.insert(
        "collective (run, operation, skew, backend, ranks, nodes, elements, launches, "
        "algorithm_bytes, bus_bytes, wrong, note, median_ns, noise)",
        {id, std::string(collective_name(it.item.kind)), std::string(skew_name(it.item.skew)),
         run.backend, std::int64_t{run.ranks}, std::int64_t{run.nodes}, it.item.elements,
         std::int64_t{it.launches}, it.moved.algorithm.value, it.moved.bus.value, it.wrong, it.note,
         summary ? summary->median : none, summary ? summary->noise : none});
    std::int64_t place = 0;
    for (const double ns : it.ns) {
      file.insert("collective_sample (collective, place, ns)", {row, place++, ns});
    }
  }
  file.execute("COMMIT");
}

}  // namespace windtunnel::bench
