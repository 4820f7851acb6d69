// A document inside a page, for programs that read the page back.
#pragma once

#include <string>
#include <string_view>

namespace windtunnel {

/// A <script> element of the type of JSON with the id `id`; its text can't end it.
std::string embedded_document(std::string_view id, const std::string& json);

/// What stands where a page had no room for figures.
inline constexpr std::string_view kPageFull =
    "<p class=\"soft\">This page was full; report this scenario alone for its figures.</p>\n";

}  // namespace windtunnel
