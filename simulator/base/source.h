// Where a value was written. Every node, key and cell of an input file carries its place, so that
// an error, or the provenance of a number, can point at the line a person has to look at.
#pragma once

#include <memory>
#include <string>

namespace windtunnel {

/// A file as it was read; `path` is shown to people, `text` is the whole content.
struct SourceFile {
  std::string path;
  std::string text;
};

/// A place in a file: 1-based line, and 1-based column in characters (an invalid byte counts as
/// one); no file means "nowhere".
struct Source {
  std::shared_ptr<const SourceFile> file;
  int line;
  int column;
};

/// A value that remembers where it was written.
template <typename T>
struct Sourced {
  T value;
  Source source;
};

}  // namespace windtunnel
