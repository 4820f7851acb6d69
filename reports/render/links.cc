#include "reports/render/links.h"

#include <fmt/format.h>

#include <regex>

#include "reports/render/svg.h"

namespace windtunnel {
namespace {

// An address ends before the punctuation of the sentence that it stands in.
const std::regex& places() {
  static const std::regex kPlaces(
      "(https?://[^\\s<>\"',;)]*[^\\s<>\"',;).])|([\\w.-]+/[\\w.-]+)@([0-9a-f]{7,40})|"
      "arXiv[ :]([0-9]{4}\\.[0-9]{4,5})");
  return kPlaces;
}

std::string address(const std::smatch& found) {
  if (found[1].matched) return found.str(1);
  if (found[2].matched) return "https://github.com/" + found.str(2) + "/tree/" + found.str(3);
  return "https://arxiv.org/abs/" + found.str(4);
}

}  // namespace

std::string linked(std::string_view text) {
  std::string rest(text);
  std::string out;
  for (std::smatch found; std::regex_search(rest, found, places());) {
    out += escape(found.prefix().str());
    out += fmt::format("<a href=\"{}\">{}</a>", escape(address(found)), escape(found.str()));
    rest = found.suffix();
  }
  return out + escape(rest);
}

}  // namespace windtunnel
