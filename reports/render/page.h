// What every page begins and ends with.
#pragma once

#include <string>
#include <string_view>

#include "reports/render/version.h"

namespace windtunnel {

/// Everything up to the inside of <main>: one file, the style in it, a link to the
/// results for keyboards. `title` is plain text.
std::string page_head(std::string_view title);

/// The end of <main> and a footer with `notes`, which are HTML, before the version.
std::string page_foot(std::string_view notes, const BuildVersion& build);

}  // namespace windtunnel
