// Reads a file of benchmark results, whichever tool wrote it.
#pragma once

#include <filesystem>

#include "reports/compare/json_file.h"
#include "reports/compare/result_set.h"

namespace windtunnel {

/// Throws ConfigError with a place for what is none of the formats, cut off, or broken.
ResultSet load_results(const std::filesystem::path& path);

/// The same of a parsed file. Files that it names lie relative to its path.
ResultSet read_results(const JsonFile& file);

/// True for a document of this schema, such as "windtunnel/projection".
bool has_schema(const JsonFile& file, std::string_view schema);

// One reader a tool.

/// windtunnel-bench's and windtunnel-collectives' own documents: every sample, SM clocks.
ResultSet read_windtunnel(const JsonFile& file);

/// Repetitions of a benchmark are its samples, aggregates are left out unless there is nothing
/// else. A counter `mhz` is the SM clock; `code` in the context the hash of what ran.
ResultSet read_google_benchmark(const JsonFile& file);

/// Samples from the binary file beside it where there is one (32-bit floats), else the median or
/// the mean as the only sample.
ResultSet read_nvbench(const JsonFile& file);

/// Times of single iterations where it was run with -I, else the mean as the only sample.
ResultSet read_nccl_tests(const JsonFile& file);

/// A benchmark with positive finite samples, or with a failure that says which one is not.
BenchmarkSamples checked(BenchmarkSamples samples);

}  // namespace windtunnel
