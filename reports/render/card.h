// The framed numbers at the head of a scenario.
#pragma once

#include <string>

#include "simulator/hardware/price.h"

namespace windtunnel {

/// A number with what it is, its range, a remark and a badge, which leads to the id `to`.
struct Card {
  std::string what;
  std::string number;
  std::string range;
  std::string note;
  std::string badge;
  std::string badge_css;
  std::string to;
};

std::string render_card(const Card& card);

/// The basis on which most of the priced time rests: "53.7 % measured" and its CSS class.
struct MainBasis {
  std::string words;
  std::string css;
};
MainBasis main_basis(const BasisShares& shares);

/// "2.364 M to 2.734 M (80 %)"
std::string interval_words(const std::string& low, const std::string& high);

/// A bar of the three shares and a badge for each.
std::string shares_bar(const BasisShares& shares);

}  // namespace windtunnel
