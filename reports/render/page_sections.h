// The parts of a projection's page that are words and tables.
#pragma once

#include <string>

#include "simulator/analysis/projection.h"

namespace windtunnel {

/// GPU hours, step time, MFU, bubble, exposed communication and memory, each with range and badge.
std::string verdict_cards(const Projection& projection);

/// The scenario in one sentence and its degrees of parallelism.
std::string scenario_summary(const ScenarioSummary& scenario);

/// The run's stages as a table; empty where there is no run.
std::string run_section(const Projection& projection);

/// The fullest rank's parts with the formula of each, as a card beside the memory figure.
std::string ledger_card(const MemoryProjection& memory);

/// Shares by basis, shapes outside the measured range, and the priced terms, the longest first.
std::string terms_section(const Projection& projection);

/// The files a projection rests on, with their hashes.
std::string inputs_section(const Projection& projection);

}  // namespace windtunnel
