// The processes that share one command: this one alone, or those that a launcher started. Which of
// the two is a matter of linking: windtunnel holds one, windtunnel-mpi asks MPI.
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "simulator/batch/execution.h"

namespace windtunnel {

struct Ranks {
  int rank;
  int count;
  /// New tickets for all ranks, from 0; every rank has to call it.
  std::function<Tickets()> deal;
  /// Waits for all ranks; whether `fine` held on all of them.
  std::function<bool(bool fine)> agree;
  /// Whether all ranks gave the same text.
  std::function<bool(const std::string& text)> same;
  /// What all ranks gave, in their order; every rank has to call it.
  std::function<std::vector<std::string>(const std::string& bytes)> exchange;
};

/// Set up when it is first asked for, and ended with the program.
Ranks open_ranks();

/// Ends all ranks with `code`: one that fails must not leave the others waiting.
[[noreturn]] void end_ranks(int code);

/// Of the rank that failed with `error`: says why, and ends them all.
[[noreturn]] void end_ranks_for(const std::exception& error, int rank);

/// Whether `check` throws nothing on the first of several ranks, which says what it threw for all
/// of them; a single one throws.
bool holds_on_first(const Ranks& ranks, const std::function<void()>& check);

/// What `work` comes to. One of several ranks that fails ends them all; a single one throws.
template <typename Work>
auto or_end_all(const Ranks& ranks, const Work& work) {
  if (ranks.count == 1) return work();
  try {
    return work();
  } catch (const std::exception& error) {
    end_ranks_for(error, ranks.rank);
  }
}

}  // namespace windtunnel
