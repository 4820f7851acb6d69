// Checks of markup, written for our own pages: every element closed, every attribute quoted.
#pragma once

#include <string>

namespace windtunnel {

/// What is wrong with `text` as XML (elements, attributes, entities, one root), or nothing.
std::string markup_problem(const std::string& text);

/// How often `part` occurs in `text`.
int occurrences(const std::string& text, const std::string& part);

}  // namespace windtunnel
