// Kernel times that authors publish for a GPU on which the collection was never run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulator/hardware/measurement_store.h"

namespace windtunnel {

struct PublishedTime {
  double seconds;
  std::string origin;
};

/// A published time of exactly this shape on this GPU, the latest where there are several. These
/// are other implementations than the table's (`origin` says which), so nothing is interpolated
/// between them.
std::optional<PublishedTime> published_time(const MeasurementStore& store, const TableRule& rule,
                                            const Gpu& gpu,
                                            const std::vector<std::string>& categories,
                                            const std::vector<double>& axes);

}  // namespace windtunnel
