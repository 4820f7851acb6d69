// Whole files in and out.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "simulator/base/source.h"

namespace windtunnel {

/// The content of a file; throws ConfigError at `named_at`, the place which named it, or at
/// path:1:1 when it is missing, a directory, unreadable, or larger than 1 GiB.
std::string read_text_file(const std::filesystem::path& path, const Source& named_at = {});

/// Replaces a file by way of a temporary one beside it, so that a reader sees the old or the new
/// text and never half of it; something that isn't a regular file (/dev/null, a pipe) is written
/// straight. Throws UsageError.
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

}  // namespace windtunnel
