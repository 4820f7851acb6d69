// The changes of projections that people have agreed to, with their reasons.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel {

/// Accepts what differs in fields that match `field`, where `*` stands for anything; with
/// `figures`, the hash that `compare` prints, only in that very document.
struct AcceptedChange {
  std::string field;
  std::optional<std::string> figures;
  std::string reason;
};

/// A TOML file of [[accept]] tables; throws ConfigError with a place.
std::vector<AcceptedChange> load_accepted(const std::filesystem::path& path);

/// Whether `text` is matched by `pattern`, in which `*` stands for any characters, none included.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace windtunnel
