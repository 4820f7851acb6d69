// What the terminal shows: plain text, 80 columns, coloured only when asked.
#pragma once

#include <string>

#include "simulator/analysis/projection.h"

namespace windtunnel {

/// The summary of a projection on one screen, at most 45 lines of 80 columns; `colour` adds ANSI
/// escapes to the headline and the verdicts.
std::string render_text(const Projection& projection, bool colour);

}  // namespace windtunnel
