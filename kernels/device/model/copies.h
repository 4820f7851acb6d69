// What is in flight in the model: issuing it, and letting it land.
#pragma once

#include "kernels/device/model/grid.h"

namespace windtunnel::device::model {

/// Lets the adversary land some of what is in flight.
void land_some(Grid& grid);
/// Nobody can run: lands one thing, if there is any.
bool land_one(Grid& grid);

void land_copy(Thread& thread, std::size_t index);
void land_load(Grid& grid, std::size_t index);
/// Lands a store whole: its read, if that is still due, and its write.
void land_store(Grid& grid, std::size_t index);
void read_store(StoreInFlight& store);

}  // namespace windtunnel::device::model
