// The results database: one SQLite file, written by the benchmark programs and by `import`, read
// by `history`. Rows are only ever appended.
#pragma once

#include "simulator/results/sqlite.h"

namespace windtunnel {

/// Makes the tables that are missing:
///   run(id, date, gpu, device, driver, cuda, commit_sha, regime, default_mhz)
///   result(id, run, kernel, operation, dtype, implementation, m, n, k, groups, data, launches,
///          buffer_sets, wrong, throttled, broken, notes, median_ns, noise, code)
///   sample(result, place, ns, mhz)
///   collective(id, run, operation, skew, backend, ranks, nodes, elements, launches,
///              algorithm_bytes, bus_bytes, wrong, note, median_ns, noise)
///   collective_sample(collective, place, ns)
///   imported(id, run, tool, file, hash, benchmark, code, failure, median_ns)
///   imported_sample(imported, place, ns, mhz)
/// and two views of all three kinds of result, `series(run, benchmark, samples, median_ns)` and, a
/// sample a row, `measured(run, benchmark, code, failure, place, ns, mhz)`. A run's date is its
/// day; what was imported is dated by the file.
void make_tables(SqlFile& file);

}  // namespace windtunnel
