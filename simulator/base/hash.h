// The identity of a file's content, for the `inputs` of a document.
#pragma once

#include <string>
#include <string_view>

namespace windtunnel {

/// XXH3-128 of `content`: 32 hexadecimal digits.
std::string content_hash(std::string_view content);

}  // namespace windtunnel
