#include <algorithm>
#include <cctype>
#include <string_view>

#include "simulator/study/plan_search.h"

namespace windtunnel {
namespace {

/// What an error says, without its place.
std::string message_of(const ConfigError& error) {
  constexpr std::string_view kMark = "error: ";
  const std::string_view text = error.what();
  const std::size_t mark = text.find(kMark);
  const std::size_t from = mark == std::string_view::npos ? 0 : mark + kMark.size();
  return std::string(text.substr(from, text.find('\n', from) - from));
}

/// The same message whatever its numbers: "N expert ranks do not divide N data-parallel ranks".
std::string without_numbers(std::string_view message) {
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  std::string text;
  for (std::size_t at = 0; at < message.size();) {
    std::size_t end = at;
    while (end < message.size() && is_word(message[end])) ++end;
    const std::string_view word = message.substr(at, end - at);
    if (!word.empty() && std::all_of(word.begin(), word.end(), is_digit)) {
      text += 'N';
    } else {
      text += word;
    }
    if (end < message.size()) text += message[end++];
    at = end;
  }
  return text;
}

}  // namespace

PlanVerdict rejected_for(const std::string& message) {
  return {.rejected = without_numbers(message), .example = message};
}

PlanVerdict rejected_by(const ConfigError& error) { return rejected_for(message_of(error)); }

}  // namespace windtunnel
