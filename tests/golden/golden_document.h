// A projection's document as it is kept in the tree: what a reader wants to see of a change.
#pragma once

#include <string>

namespace windtunnel {

/// `document` without what differs from commit to commit or machine to machine (program, hashes,
/// engine) and without its priced terms, numbers to six digits, what fits on a line on one.
std::string golden_document(const std::string& document);

}  // namespace windtunnel
