#include <cstdlib>

#include "simulator/cli/ranks.h"

namespace windtunnel {

Ranks open_ranks() {
  return {.rank = 0,
          .count = 1,
          .deal = own_tickets,
          .agree = [](bool fine) { return fine; },
          .same = [](const std::string&) { return true; },
          .exchange = [](const std::string& bytes) { return std::vector{bytes}; }};
}

void end_ranks(int code) { std::exit(code); }

}  // namespace windtunnel
