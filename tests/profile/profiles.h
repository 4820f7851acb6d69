// Profiles as tests write them.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "simulator/profile/kineto_file.h"

namespace windtunnel {

inline ReadBytes bytes_of(std::string text, std::size_t piece = 1 << 16) {
  return [text = std::move(text), piece, at = std::size_t{0}](char* out, std::size_t size) mutable {
    const std::size_t taken = std::min({size, piece, text.size() - at});
    std::memcpy(out, text.data() + at, taken);
    at += taken;
    return taken;
  };
}

inline Profile profile_of(const std::string& text) { return read_kineto(bytes_of(text), "p.json"); }

/// An event; times in microseconds as they stand in the file.
inline std::string event(std::string_view category, std::string_view name, std::string_view stream,
                         std::string_view start, std::string_view length) {
  std::string text = R"({"ph":"X","cat":")";
  text += category;
  text += R"(","name":")";
  text += name;
  text += R"(","pid":0,"tid":)";
  text += stream;
  text += R"(,"ts":)";
  text += start;
  text += R"(,"dur":)";
  text += length;
  return text + "}";
}

inline std::string kernel(std::string_view name, std::string_view stream, std::string_view start,
                          std::string_view length) {
  return event("kernel", name, stream, start, length);
}

/// A file with these events, which have no commas between them.
inline std::string file_of(const std::vector<std::string>& events) {
  std::string text = R"({"schemaVersion":1,"traceEvents":[)";
  for (const std::string& one : events) text += (&one == &events.front() ? "" : ",") + one;
  return text + "]}";
}

}  // namespace windtunnel
