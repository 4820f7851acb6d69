// The identity of a file's content, for the `inputs` of a document.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace windtunnel {

/// XXH3-128 of `content`: 32 hexadecimal digits.
std::string content_hash(std::string_view content);

/// The same of a file of any size; throws UsageError where it can't be read.
std::string file_hash(const std::filesystem::path& path);

}  // namespace windtunnel
