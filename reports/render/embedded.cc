#include "reports/render/embedded.h"

#include <fmt/format.h>

namespace windtunnel {
namespace {

// JSON inside <script> must not end it, nor upset a reader that takes the page for XML. Indentation
// is dropped: a JSON string holds no line breaks, so that they all are indentation.
std::string script_safe(const std::string& json) {
  std::string out;
  bool indentation = false;
  for (const char c : json) {
    indentation = c == '\n' || (indentation && c == ' ');
    if (indentation) continue;
    if (c == '<') {
      out += "\\u003c";
    } else if (c == '>') {
      out += "\\u003e";
    } else if (c == '&') {
      out += "\\u0026";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string embedded_document(std::string_view id, const std::string& json) {
  return fmt::format("<script type=\"application/json\" id=\"{}\">\n{}</script>\n", id,
                     script_safe(json));
}

}  // namespace windtunnel
