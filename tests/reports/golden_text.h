// Texts pinned whole: what a reader sees is an interface.
#pragma once

#include <string>

namespace windtunnel {

/// Compares with tests/reports/golden/`name`; with WINDTUNNEL_ACCEPT set writes it instead, to be
/// read as a diff. Tests run in the project's root.
void expect_golden(const std::string& name, const std::string& text);

/// The same of any file of the tree.
void expect_file(const std::string& path, const std::string& text);

}  // namespace windtunnel
