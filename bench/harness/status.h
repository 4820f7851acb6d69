// How far each kernel has come: compiled < modelled < run on a GPU.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "bench/harness/case.h"

namespace windtunnel::bench {

/// Dates on which windtunnel-bench ran a kernel on a GPU, by `operation/dtype`.
using RunDates = std::map<std::string, std::string>;

/// A line a kernel of ours, as Markdown. A kernel with a case is at least
/// modelled: a test runs every case on the device model.
std::string status_table(std::span<const Case> cases, const RunDates& dates);

/// The text between the lines `<!-- status -->` and `<!-- end -->` replaced by `table`; the text as
/// it is where there are no such lines.
std::string with_status(std::string_view readme, std::string_view table);

}  // namespace windtunnel::bench
