// Text of unknown origin made safe to print: a broken file must not be able to move the cursor,
// clear the screen or flood it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace windtunnel {

/// Bytes of the first character of `text` (not empty): 1 to 4, or 0 if they are not valid UTF-8.
std::size_t utf8_length(std::string_view text);

/// `text` on one line with control characters and invalid bytes escaped (`\x1b`), tabs as blanks;
/// cut to `most` characters.
std::string shown_text(std::string_view text, std::size_t most = std::string_view::npos);

/// A line cut to what fits on a screen, and where the caret goes.
struct ShownLine {
  std::string text;
  std::size_t caret;  // blanks before the caret
};

/// Line `line` of `text` around character `column` (both 1-based); a place past the end is shown as
/// the end.
ShownLine shown_line(std::string_view text, int line, int column);

}  // namespace windtunnel
