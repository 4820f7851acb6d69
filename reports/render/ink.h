// ANSI colours, or nothing.
#pragma once

#include <string>

namespace windtunnel {

/// Wraps text in an ANSI style when `colour` is set; pad before painting.
struct Ink {
  bool colour;

  std::string bold(const std::string& text) const { return paint("1", text); }
  std::string good(const std::string& text) const { return paint("32", text); }
  std::string bad(const std::string& text) const { return paint("1;31", text); }
  std::string faint(const std::string& text) const { return paint("2", text); }

  std::string paint(const char* code, const std::string& text) const {
    return colour ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
  }
};

}  // namespace windtunnel
