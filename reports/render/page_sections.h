// The parts of a projection's page that are words and tables.
#pragma once

#include <string>

#include "simulator/analysis/projection.h"

namespace windtunnel {

/// GPU hours, step time, MFU, bubble, exposed communication and memory, each with range and a badge
/// that leads to its sources; `id` is the section's, empty where that has no sources.
std::string verdict_cards(const Projection& projection, const std::string& id);

/// The scenario's file and kind.
std::string scenario_summary(const ScenarioSummary& scenario);

/// The run's stages as a table; empty where there is no run.
std::string run_section(const Projection& projection);

/// The fullest rank's parts with the formula of each, as a card beside the memory figure.
std::string ledger_card(const MemoryProjection& memory, const std::string& id);

/// Shares by basis, shapes outside the measured range, sources, and the priced terms, the longest
/// first.
std::string terms_section(const Projection& projection, const std::string& id);

/// Shapes outside the measured range, folded away.
std::string outside_range(const std::vector<std::string>& shapes);

/// The files a projection rests on, with their hashes.
std::string inputs_table(const std::vector<InputFile>& inputs);
std::string inputs_section(const Projection& projection);

}  // namespace windtunnel
