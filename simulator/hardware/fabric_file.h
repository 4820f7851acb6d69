// The table [fabric] of a cluster file.
#pragma once

#include "simulator/base/fields.h"
#include "simulator/base/node.h"
#include "simulator/hardware/fabric.h"

namespace windtunnel {

/// What may be written in the table.
Fields<Fabric> fabric_fields();

/// Throws ConfigError at the key below `fabric` of `root` (a cluster file) whose ports do not come
/// out even, that the kind of fabric has no use for, or at `nodes` where these are too many.
void check_fabric(const Node& root, const Fabric& fabric, int nodes, int gpus_per_node);

}  // namespace windtunnel
