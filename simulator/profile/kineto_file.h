// Reads profiles as PyTorch writes them (Kineto's Chrome JSON), of any size, plain or gzip.
#pragma once

#include <filesystem>

#include "simulator/base/progress.h"
#include "simulator/profile/json_source.h"
#include "simulator/profile/profile.h"

namespace windtunnel {

/// The profile in `path`, its spans in order. Takes what profilers really write: numbers as text,
/// times in whole microseconds or with decimals, process and thread as number or name, NaN, control
/// characters in names, events in any order, an object with `traceEvents` or the bare array. Throws
/// UsageError with the byte at which the text is no JSON, ends too early or nests deeper than 512.
Profile read_kineto(const std::filesystem::path& path);

/// The same of anything that can be read; `name` stands in messages.
Profile read_kineto(ReadBytes read, const std::string& name);

}  // namespace windtunnel
