#include "tests/tidy/source_text.h"

#include <algorithm>
#include <cctype>

namespace windtunnel {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::size_t line_at(std::string_view text, std::size_t position) {
  return 1 + static_cast<std::size_t>(std::count(
                 text.begin(), text.begin() + static_cast<std::ptrdiff_t>(position), '\n'));
}

namespace {

/// Where the literal or comment that begins at `at` ends (one past it), or `at` if none begins.
std::size_t end_of_quiet(std::string_view text, std::size_t at) {
  const auto after = [&](std::string_view mark, std::size_t from) {
    const std::size_t found = text.find(mark, from);
    return found == std::string_view::npos ? text.size() : found + mark.size();
  };
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("//")) return std::min(text.find('\n', at), text.size());
  if (rest.starts_with("/*")) return after("*/", at + 2);
  const bool begins_word = at == 0 || !is_word(text[at - 1]);
  if (rest.starts_with("R\"") && begins_word) {
    const std::size_t open = text.find('(', at);
    return after(")" + std::string(text.substr(at + 2, open - at - 2)) + "\"", open);
  }
  // Between digits an apostrophe groups thousands.
  if (rest[0] != '"' && (rest[0] != '\'' || !begins_word)) return at;
  std::size_t end = at + 1;
  while (end < text.size() && text[end] != rest[0]) end += text[end] == '\\' ? 2 : 1;
  return std::min(end + 1, text.size());
}

/// One past the bracket that closes the one at `open`.
std::size_t past_bracket(std::string_view code, std::size_t open, char left, char right) {
  int depth = 0;
  for (std::size_t i = open; i < code.size(); ++i) {
    if (code[i] == left) ++depth;
    if (code[i] == right && --depth == 0) return i + 1;
  }
  return code.size();
}

enum class Braces { kScope, kBody, kValue };

/// What the braces after `header` hold: declarations, a function's body, or a value.
Braces braces_after(std::string header) {
  if (header.starts_with("template")) {
    header = header.substr(past_bracket(header, header.find('<'), '<', '>'));
  }
  const std::size_t paren = header.find('(');
  const std::string before = " " + header.substr(0, paren) + " ";
  for (const std::string_view word :
       {" namespace ", " class ", " struct ", " union ", " extern "}) {
    if (paren == std::string::npos && before.find(word) != std::string::npos) {
      return before.find('=') == std::string::npos ? Braces::kScope : Braces::kValue;
    }
  }
  if (paren == std::string::npos) return Braces::kValue;
  int depth = 0;
  bool constructor = false;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::string_view rest = std::string_view(header).substr(i);
    if (rest.starts_with("operator")) i = std::min(header.find('(', i + 9), header.size()) - 1;
    if (rest[0] == '(' || rest[0] == '{') ++depth;
    if (rest[0] == ')' || rest[0] == '}') --depth;
    if (depth == 0 && rest[0] == '=') return Braces::kValue;
    if (depth == 0 && i > paren && rest[0] == ':' && !rest.starts_with("::") &&
        header[i - 1] != ':') {
      constructor = true;
    }
  }
  while (is_blank(header.back())) header.pop_back();
  const bool member = constructor && (is_word(header.back()) || header.back() == '>');
  return member ? Braces::kValue : Braces::kBody;
}

std::string function_name(std::string_view header) {
  if (const std::size_t at = header.find("operator"); at != std::string_view::npos) {
    return std::string(header.substr(at, header.find('(', at + 9) - at));
  }
  const std::size_t end = header.find('(');
  std::size_t begin = end;
  while (begin > 0 && (is_word(header[begin - 1]) || header[begin - 1] == ':')) --begin;
  return std::string(header.substr(begin, end - begin));
}

}  // namespace

std::string code_only(std::string_view text) {
  std::string code(text);
  const auto blank = [&](std::size_t from, std::size_t to) {
    for (; from < to; ++from) code[from] = code[from] == '\n' ? '\n' : ' ';
  };
  bool line_begins = true;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] == '\n') {
      line_begins = true;
    } else if (code[i] == '#' && line_begins) {
      std::size_t end = i;
      while (end < text.size() && (text[end] != '\n' || text[end - 1] == '\\')) ++end;
      blank(i, end);
      i = end - 1;
    } else if (const std::size_t end = end_of_quiet(text, i); end != i) {
      blank(i, end);
      i = end - 1;
    } else if (!is_blank(code[i])) {
      line_begins = false;
    }
  }
  return code;
}

std::vector<Function> functions_of(std::string_view code) {
  std::vector<Function> functions;
  std::size_t begin = std::string_view::npos;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (begin == std::string_view::npos && !is_blank(code[i])) begin = i;
    if (code[i] == '(') i = past_bracket(code, i, '(', ')') - 1;
    if (i >= code.size()) break;
    const std::string header(code.substr(std::min(begin, i), i - std::min(begin, i)));
    const bool label =
        code[i] == ':' && (header == "public" || header == "private" || header == "protected");
    if (code[i] == ';' || code[i] == '}' || label) begin = std::string_view::npos;
    if (code[i] != '{') continue;
    const Braces braces = header.empty() ? Braces::kScope : braces_after(header);
    if (braces == Braces::kScope) {
      begin = std::string_view::npos;
      continue;
    }
    const std::size_t end = past_bracket(code, i, '{', '}');
    if (braces == Braces::kBody) {
      const std::size_t first = line_at(code, begin);
      const std::size_t last = line_at(code, end - 1);
      functions.push_back({function_name(header), first, static_cast<int>(last - first + 1)});
      begin = std::string_view::npos;
    }
    i = end - 1;
  }
  return functions;
}

}  // namespace windtunnel
