// What a finished batch leaves: a table as CSV or in SQLite. The same rows give the same bytes,
// whoever computed them.
#pragma once

#include <filesystem>
#include <ostream>

#include "simulator/batch/merged_rows.h"

namespace windtunnel {

/// The names of the columns, then a line a row.
void write_rows_csv(std::ostream& out, const MergedRows& rows);

/// Replaces `file` by one written beside it. Throws UsageError.
void write_rows_csv(const std::filesystem::path& file, const MergedRows& rows);

/// The same as a database of one file: `points`, a row each by `id`, and `batch`, one row: name,
/// hash, points, missing.
void write_rows_sqlite(const std::filesystem::path& file, const MergedRows& rows);

}  // namespace windtunnel
