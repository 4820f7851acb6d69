// Runs the built program as a person would.
#pragma once

#include <string>
#include <vector>

namespace windtunnel {

/// How a run ended: its exit code (-1 where a signal ended it) and what it wrote.
struct Ran {
  int code;
  std::string out;
  std::string err;
};

enum class ErrorTo { kFile, kTerminal };

/// Whether this machine has terminals to give: a bare chroot mounts no /dev/pts.
bool has_terminals();

/// Runs a command from the current folder; `environment` holds `NAME=value`.
Ran run_command(std::vector<std::string> words, std::vector<std::string> environment = {},
                ErrorTo error = ErrorTo::kFile);

/// The same of `windtunnel`.
Ran run_program(const std::vector<std::string>& arguments,
                const std::vector<std::string>& environment = {}, ErrorTo error = ErrorTo::kFile);

inline const std::string kPretrain = "scenarios/deepseek-v3/pretrain.toml";
inline const std::string kPair = "scenarios/deepseek-v3/overlapped_pair.toml";
inline const std::string kServing = "scenarios/deepseek-v3/serve-h200.toml";
inline const std::string kSmallPlan = "scenarios/plans/gpt-a100.toml";

}  // namespace windtunnel
