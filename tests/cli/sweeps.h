// Sweeps as a person runs them: a specification in a folder, the program started and ended there.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "simulator/base/text_file.h"
#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {

/// Six points for each length of the run, of a GPT on eight A100: some 30 ms of work, and a third
/// of them makes no scenario.
inline std::filesystem::path write_grid(const TemporaryFolder& folder, int lengths = 20) {
  const std::string scenario = std::filesystem::absolute("scenarios/gpt/a100-node.toml");
  return folder.write("grid.toml",
                      "scenario = \"" + scenario +
                          "\"\ncolumns = [\"step.time_s\", \"run.gpu_hours\", \"memory.fits\"]\n"
                          "[[axes]]\nkey = \"run.tokens\"\nfrom = \"1 B\"\nto = \"" +
                          std::to_string(lengths) +
                          " B\"\nstep = \"1 B\"\n"
                          "[[axes]]\nkey = \"batch.micro_batch\"\nvalues = [1, 2, 3]\n"
                          "[[axes]]\nkey = \"parallelism.tensor\"\nvalues = [1, 2]\n");
}

/// A command that was started and goes on.
class Started {
 public:
  Started(std::vector<std::string> words, std::vector<std::string> environment = {}) {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    child = ::fork();
    if (child != 0) return;
    const int silent = ::open("/dev/null", O_WRONLY);
    ::dup2(silent, STDOUT_FILENO);
    ::dup2(silent, STDERR_FILENO);
    for (std::string& variable : environment) ::putenv(variable.data());
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;
  ~Started() {
    if (child > 0) end(SIGKILL);
  }

  /// Its exit code, -1 where a signal ended it.
  int wait() {
    int status = 0;
    ::waitpid(child, &status, 0);
    child = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  int end(int signal) {
    ::kill(child, signal);
    return wait();
  }

  pid_t child = 0;
};

/// Waits until `file` has so many lines, a minute at most; whether it has.
inline bool has_lines(const std::filesystem::path& file, std::ptrdiff_t lines) {
  for (int i = 0; i < 6000; ++i) {
    if (std::filesystem::exists(file)) {
      const std::string text = read_text_file(file);
      if (std::count(text.begin(), text.end(), '\n') >= lines) return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace windtunnel
