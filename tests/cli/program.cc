#include "tests/cli/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "simulator/base/text_file.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

void redirect(const std::string& path, int to) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  if (file < 0 || ::dup2(file, to) < 0) ::_exit(126);
}

/// A terminal of which the program gets one end; without a name where the machine has none to give.
class Terminal {
 public:
  Terminal() : own_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    const bool given = own_ >= 0 && ::grantpt(own_) == 0 && ::unlockpt(own_) == 0;
    const char* path = given ? ::ptsname(own_) : nullptr;
    if (path != nullptr && ::access(path, W_OK) == 0) name = path;
  }
  ~Terminal() { ::close(own_); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// What is written to the other end until it is closed.
  std::string written() const {
    std::string text;
    char buffer[4096];
    for (ssize_t n = 1; (n = ::read(own_, buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(n));
    }
    return text;
  }

  std::string name;

 private:
  int own_;
};

}  // namespace

bool has_terminals() { return !Terminal().name.empty(); }

Ran run_command(std::vector<std::string> words, std::vector<std::string> environment,
                ErrorTo error) {
  const TemporaryFolder folder;
  const std::string out = folder.path / "out";
  const bool on_terminal = error == ErrorTo::kTerminal;
  const auto terminal = on_terminal ? std::make_unique<Terminal>() : nullptr;
  const std::string err = on_terminal ? terminal->name : (folder.path / "err").string();
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    redirect(out, STDOUT_FILENO);
    redirect(err, STDERR_FILENO);
    for (std::string& variable : environment) ::putenv(variable.data());
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  const std::string shown = on_terminal ? terminal->written() : "";
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid failed");
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .out = read_text_file(out),
          .err = on_terminal ? shown : read_text_file(err)};
}

Ran run_program(const std::vector<std::string>& arguments,
                const std::vector<std::string>& environment, ErrorTo error) {
  std::vector<std::string> words{WINDTUNNEL_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_command(std::move(words), environment, error);
}

}  // namespace windtunnel
