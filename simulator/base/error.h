// The two ways in which a person can be wrong: in a file (ConfigError) or on the command line
// (UsageError). Both are caught once, in main, and end the program with exit code 2.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "simulator/base/source.h"

namespace windtunnel {

/// A second place that explains an error, such as where a key was first defined.
struct Note {
  std::string text;
  Source source;
};

/// A mistake in a file. what() is the whole report, ready to print:
///     path:line:column: error: message
///       12 | the line
///          |     ^
///       accepted: what would be fine
/// followed by a `note:` block for each note.
class ConfigError : public std::runtime_error {
 public:
  /// `accepted` says what would be fine at `source`; empty where nothing would.
  ConfigError(const Source& source, const std::string& message, const std::string& accepted = "",
              const std::vector<Note>& notes = {});

  /// The same error with one more note at its end.
  [[nodiscard]] ConfigError with_note(const Note& note) const;

 private:
  explicit ConfigError(const std::string& whole) : std::runtime_error(whole) {}
};

/// A mistake on the command line, or an output that can't be written.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `path:line:column` of a place, or an empty text for nowhere.
std::string place_text(const Source& source);

}  // namespace windtunnel
