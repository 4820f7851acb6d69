// Where a number leads: what a source's words name becomes a link.
#pragma once

#include <string>
#include <string_view>

namespace windtunnel {

/// `text` escaped, with links on web addresses, `owner/name@commit` of GitHub and `arXiv` numbers.
std::string linked(std::string_view text);

}  // namespace windtunnel
