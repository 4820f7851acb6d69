// What the benchmark programs share as programs: their exit codes, the date of a run, where errors
// end.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel::bench {

/// Exit codes, fixed by the interface.
enum class ProgramEnd { kFine = 0, kWrong = 1, kUsage = 2, kMissing = 3, kInternal = 70 };

/// Of the run, in UTC: 2026-11-29.
std::string today();

/// What is said where a run on `device` leaves no measurement folder.
std::string no_folder_text(std::string_view device);

/// Runs `body` with a program's arguments; the exit code of how it ended. What it throws is said on
/// stderr behind the program's `name`, an error in a file with its place.
int run_program(std::string_view name, int count, char** arguments,
                const std::function<ProgramEnd(const std::vector<std::string>&)>& body);

}  // namespace windtunnel::bench
