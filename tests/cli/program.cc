#include "tests/cli/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "simulator/base/text_file.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

void redirect(const std::string& path, int to) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  if (file < 0 || ::dup2(file, to) < 0) ::_exit(126);
}

}  // namespace

Ran run_program(const std::vector<std::string>& arguments,
                const std::vector<std::string>& environment) {
  const TemporaryFolder folder;
  const std::string out = folder.path / "out";
  const std::string err = folder.path / "err";
  std::vector<std::string> words{WINDTUNNEL_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment;
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    redirect(out, STDOUT_FILENO);
    redirect(err, STDERR_FILENO);
    for (std::string& variable : variables) ::putenv(variable.data());
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid failed");
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .out = read_text_file(out),
          .err = read_text_file(err)};
}

}  // namespace windtunnel
