#include "reports/render/card.h"

#include <fmt/format.h>

#include <utility>

#include "reports/render/format.h"
#include "reports/render/svg.h"
#include "reports/render/table.h"

namespace windtunnel {

std::string render_card(const Card& card) {
  return fmt::format(
      "<div class=\"card\"><div class=\"what\">{}</div><div class=\"number\">{}</div>"
      "<div class=\"range\">{}</div><div class=\"range\">{}</div>"
      "<div class=\"basis\">{}</div></div>\n",
      escape(card.what), escape(card.number), escape(card.range), escape(card.note),
      render_badge(card.badge, card.badge_css, card.to));
}

MainBasis main_basis(const BasisShares& shares) {
  std::string word = basis_word(Basis::kEstimated);
  double most = shares.estimated;
  if (shares.scaled > most) {
    word = basis_word(Basis::kScaled);
    most = shares.scaled;
  }
  if (shares.measured >= most) {
    word = basis_word(Basis::kMeasured);
    most = shares.measured;
  }
  return {format_percent(most) + " " + word, word};
}

std::string interval_words(const std::string& low, const std::string& high) {
  return low + " to " + high + " (80 %)";
}

std::string shares_bar(const BasisShares& shares) {
  const std::pair<Basis, double> all[] = {{Basis::kMeasured, shares.measured},
                                          {Basis::kScaled, shares.scaled},
                                          {Basis::kEstimated, shares.estimated}};
  std::string bar =
      "<div class=\"shares\" role=\"img\" aria-label=\"shares of the priced time, in words "
      "below\">";
  std::string words = "<p>Of the priced time ";
  for (const auto& [basis, value] : all) {
    const std::string name = basis_word(basis);
    if (value > 0) {
      bar += fmt::format("<span class=\"s-{0}\" style=\"width:{1}%\" title=\"{0}\"></span>", name,
                         format_coordinate(value * 100));
    }
    words += render_badge(format_percent(value) + " " + name, name) + " ";
  }
  return bar + "</div>\n" + words + "</p>\n";
}

}  // namespace windtunnel
