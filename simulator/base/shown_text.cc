#include "simulator/base/shown_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace windtunnel {
namespace {

constexpr std::size_t kWidest = 100;  // columns of a quoted line
constexpr std::string_view kCut = "...";

struct Glyph {
  std::string text;
  std::size_t width;
};

unsigned byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

unsigned code_point(std::string_view text, std::size_t length) {
  if (length == 1) return byte_at(text, 0);
  unsigned value = byte_at(text, 0) & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) value = (value << 6) | (byte_at(text, i) & 0x3Fu);
  return value;
}

/// Control characters, and those that change the direction or the line of what follows.
bool is_unsafe(unsigned point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x200B && point <= 0x200F) ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2060 && point <= 0x206F) ||
         point == 0xFEFF;
}

Glyph glyph(std::string_view text, std::size_t length) {
  if (length == 0) return {fmt::format("\\x{:02x}", byte_at(text, 0)), 4};
  const unsigned point = code_point(text, length);
  if (point == '\t') return {"    ", 4};
  if (!is_unsafe(point)) return {std::string(text.substr(0, length)), 1};
  const std::string escape =
      point < 0x80 ? fmt::format("\\x{:02x}", point) : fmt::format("\\u{{{:x}}}", point);
  return {escape, escape.size()};
}

std::string_view line_of(std::string_view text, int line) {
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// The glyphs of the line within kWidest characters of the caret: the rest is never shown.
std::vector<Glyph> glyphs_near(std::string_view line, std::size_t caret, bool* cut_left,
                               bool* cut_right) {
  std::vector<Glyph> glyphs;
  *cut_left = *cut_right = false;
  for (std::size_t index = 0; !line.empty(); ++index) {
    const std::size_t length = utf8_length(line);
    if (index > caret + kWidest) {
      *cut_right = true;
      break;
    }
    if (index + kWidest >= caret) {
      glyphs.push_back(glyph(line, length));
    } else {
      *cut_left = true;
    }
    line.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return glyphs;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  const unsigned lead = byte_at(text, 0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, i) & 0xC0u) != 0x80) return 0;
  }
  const unsigned second = byte_at(text, 1);
  // Overlong forms, surrogates, and what lies above U+10FFFF.
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
      (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return length;
}

std::string shown_text(std::string_view text, std::size_t most) {
  std::string shown;
  for (std::size_t count = 0; !text.empty(); ++count) {
    if (count == most) return shown.append(kCut);
    const std::size_t length = utf8_length(text);
    shown += glyph(text, length).text;
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return shown;
}

ShownLine shown_line(std::string_view text, int line, int column) {
  bool cut_left = false;
  bool cut_right = false;
  const std::size_t index = static_cast<std::size_t>(std::max(column, 1)) - 1;
  const std::vector<Glyph> glyphs = glyphs_near(line_of(text, line), index, &cut_left, &cut_right);
  const std::size_t skipped = cut_left ? index - kWidest : 0;
  const std::size_t caret = std::min(index - skipped, glyphs.size());

  // Grow a window around the caret, to the left first, until it is as wide as the screen.
  std::size_t first = caret;
  std::size_t last = caret;
  std::size_t width = 0;
  const auto grow_left = [&](std::size_t limit) {
    while (first > 0 && width + glyphs[first - 1].width <= limit) width += glyphs[--first].width;
  };
  grow_left(kWidest * 3 / 4);
  while (last < glyphs.size() && width + glyphs[last].width <= kWidest) {
    width += glyphs[last++].width;
  }
  grow_left(kWidest);

  ShownLine shown{"", 0};
  if (cut_left || first > 0) shown = {std::string(kCut), kCut.size()};
  for (std::size_t i = first; i < last; ++i) shown.text += glyphs[i].text;
  for (std::size_t i = first; i < caret; ++i) shown.caret += glyphs[i].width;
  if (cut_right || last < glyphs.size()) shown.text += kCut;
  return shown;
}

}  // namespace windtunnel
