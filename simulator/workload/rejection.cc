#include "simulator/workload/rejection.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/base/error.h"

namespace windtunnel {

void reject(const Node& root, std::string_view key, const std::string& message,
            const std::string& accepted) {
  throw ConfigError(source_of(root, key), message, accepted);
}

std::string divisors_near(std::int64_t value, std::int64_t wanted) {
  std::int64_t below = std::clamp<std::int64_t>(wanted, 1, value);
  while (value % below != 0) --below;
  std::int64_t above = std::clamp<std::int64_t>(wanted, 1, value);
  while (value % above != 0) ++above;
  return below == above ? fmt::format("{}", below) : fmt::format("{} or {}", below, above);
}

}  // namespace windtunnel
