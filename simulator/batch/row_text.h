// A row of cells as a line of text: RFC 4180, never more than one line.
#pragma once

#include <string>
#include <string_view>

#include "simulator/batch/batch.h"

namespace windtunnel {

/// Cells with commas between; one that needs quotes gets them, a line break becomes a blank.
std::string row_text(const Cells& cells);

/// The cells of such a line.
Cells row_cells(std::string_view text);

}  // namespace windtunnel
