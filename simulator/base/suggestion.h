// "did you mean": the nearest of a few words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace windtunnel {

/// The candidate with the fewest edits (insert, delete, replace, swap neighbours) to `word`, the
/// first of equals; empty when none is near, that is within a third of the word's length.
std::string closest(std::string_view word, const std::vector<std::string>& candidates);

/// ", did you mean `x`?" or an empty text.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace windtunnel
