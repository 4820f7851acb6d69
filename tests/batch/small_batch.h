// A batch that takes no time, with cells that need care.
#pragma once

#include <fmt/format.h>

#include "simulator/batch/batch.h"

namespace windtunnel {

inline Batch small_batch(std::int64_t count = 100, const std::string& hash = "0123abcd") {
  return {.head = {.name = "small, \"quoted\"",
                   .hash = hash,
                   .count = count,
                   .columns = {{"a.key", ColumnType::kAny},
                               {"square", ColumnType::kWhole},
                               {"half", ColumnType::kReal},
                               {"error", ColumnType::kText}}},
          .evaluate = [](std::int64_t id) -> Cells {
            if (id % 7 == 3) return {"x, \"y\"", "", "", "three of seven, is \"wrong\""};
            return {id % 2 == 0 ? fmt::format("{}", id) : "odd", fmt::format("{}", id * id),
                    fmt::format("{}", static_cast<double>(id) / 2), ""};
          }};
}

}  // namespace windtunnel
