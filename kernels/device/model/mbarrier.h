// mbarriers inside the model: look-up, arrivals, bytes that land, completed phases.
#pragma once

#include "kernels/device/model/grid.h"

namespace windtunnel::device::model {

/// The live mbarrier at an address; a failure where there is none, or where its initialisation is
/// not ordered before the running thread (before the async proxy, if `by_proxy`).
Mbarrier& mbarrier_at(u32 address, const char* what, bool by_proxy = false);
/// `count` arrivals with a released clock.
void arrive(Mbarrier& barrier, u32 count, const Knowledge& knowledge);
/// Ends phases that have nothing missing, and wakes whom that concerns.
void complete_phases(Cta& cta, Mbarrier& barrier);

}  // namespace windtunnel::device::model
