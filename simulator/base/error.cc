#include "simulator/base/error.h"

#include <fmt/format.h>

#include "simulator/base/shown_text.h"

namespace windtunnel {
namespace {

constexpr std::size_t kLongestMessage = 1000;  // it may quote a value, however long

/// The line of `source` with its number, and the caret below.
std::string quoted_line(const Source& source) {
  const ShownLine line = shown_line(source.file->text, source.line, source.column);
  const std::string number = fmt::format("{:>4}", source.line);
  return fmt::format("{} |{}{}\n{:>{}} | {:>{}}\n", number, line.text.empty() ? "" : " ", line.text,
                     "", number.size(), "^", line.caret + 1);
}

std::string block(const Source& source, std::string_view kind, std::string_view message) {
  const std::string place = place_text(source);
  return fmt::format("{}{}{}: {}\n{}", place, place.empty() ? "" : ": ", kind,
                     shown_text(message, kLongestMessage), source.file ? quoted_line(source) : "");
}

std::string whole_text(const Source& source, const std::string& message,
                       const std::string& accepted, const std::vector<Note>& notes) {
  std::string whole = block(source, "error", message);
  if (!accepted.empty())
    whole += fmt::format("  accepted: {}\n", shown_text(accepted, kLongestMessage));
  for (const Note& note : notes) whole += block(note.source, "note", note.text);
  return whole;
}

}  // namespace

ConfigError::ConfigError(const Source& source, const std::string& message,
                         const std::string& accepted, const std::vector<Note>& notes)
    : std::runtime_error(whole_text(source, message, accepted, notes)) {}

ConfigError ConfigError::with_note(const Note& note) const {
  return ConfigError(what() + block(note.source, "note", note.text));
}

std::string place_text(const Source& source) {
  if (!source.file) return "";
  return fmt::format("{}:{}:{}", shown_text(source.file->path), source.line, source.column);
}

}  // namespace windtunnel
