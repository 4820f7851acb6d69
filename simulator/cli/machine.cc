#include "simulator/cli/machine.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <system_error>

#include "simulator/cli/shipped.h"
#include "simulator/hardware/measurement_store.h"
#include "simulator/hardware/price_book.h"

namespace windtunnel {
namespace {

namespace fs = std::filesystem;

/// The first line that a shell command writes, or nothing where it fails.
std::string first_line(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(
      popen(("{ " + command + "; } 2>/dev/null </dev/null").c_str(), "r"), pclose);
  if (!pipe) return "";
  std::array<char, 512> buffer{};
  std::string line;
  if (std::fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) line = buffer.data();
  while (std::fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) {
  }
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return line;
}

EnvironmentCheck check(const std::string& name, const std::string& found, const std::string& absent,
                       const std::string& needed_for) {
  return {name, found.empty() ? Health::kAbsent : Health::kFine, found.empty() ? absent : found,
          needed_for};
}

/// A broken data sheet or table is told, not thrown: the doctor finishes its round.
EnvironmentCheck data(const Environment& environment) {
  try {
    const PriceBook book = load_price_book(environment.root);
    return {"data", Health::kFine,
            fmt::format("{}: {} scenarios, {} GPUs", environment.root.string(),
                        shipped_scenarios(environment.root).size(), book.tables.gpus.size()),
            "simulate"};
  } catch (const std::exception& error) {
    std::string message = error.what();
    message = message.substr(0, message.find('\n'));
    return {"data", Health::kBroken, environment.root.string() + ": " + message, "simulate"};
  }
}

/// CSV files of each GPU's measurements: without any it has prices by its siblings only.
std::vector<EnvironmentCheck> measurements(const Environment& environment) {
  std::vector<EnvironmentCheck> checks;
  for (const std::string& gpu : shipped_gpus(environment.root)) {
    int tables = 0;
    std::error_code missing;
    const fs::path folder = environment.root / "bench/measurements" / gpu;
    for (fs::recursive_directory_iterator it(folder, missing), end; it != end;
         it.increment(missing)) {
      if (it->path().extension() == ".csv") ++tables;
    }
    if (tables == 0) continue;
    checks.push_back(
        {"measurements " + gpu, Health::kFine, fmt::format("{} tables", tables), "simulate"});
  }
  if (checks.empty()) {
    checks.push_back({"measurements", Health::kBroken, "no tables of any GPU", "simulate"});
  }
  return checks;
}

EnvironmentCheck cuda() {
  std::string nvcc = first_line("command -v nvcc");
  const char* home = std::getenv("CUDA_HOME");
  for (const std::string& folder :
       {std::string(home == nullptr ? "" : home), std::string("/usr/local/cuda")}) {
    if (nvcc.empty() && !folder.empty() && access((folder + "/bin/nvcc").c_str(), X_OK) == 0) {
      nvcc = folder + "/bin/nvcc";
    }
  }
  const std::string release =
      nvcc.empty() ? "" : first_line("'" + nvcc + "' --version | grep -o 'release [0-9.]*'");
  return check("CUDA", nvcc.empty() ? "" : nvcc + ", " + release,
               "no nvcc on the path, in CUDA_HOME or in /usr/local/cuda", "bench");
}

EnvironmentCheck gpus() {
  const std::string count = first_line("nvidia-smi -L | wc -l");
  const std::string first =
      first_line("nvidia-smi --query-gpu=name,driver_version --format=csv,noheader");
  return check("GPU", first.empty() ? "" : fmt::format("{} x {} (name, driver)", count, first),
               "nvidia-smi finds none", "bench");
}

EnvironmentCheck nccl() {
  void* library = dlopen("libnccl.so.2", RTLD_LAZY | RTLD_LOCAL);
  std::string found;
  if (library != nullptr) {
    int version = 0;
    const auto ask = reinterpret_cast<int (*)(int*)>(dlsym(library, "ncclGetVersion"));
    if (ask != nullptr && ask(&version) == 0) {
      found = fmt::format("libnccl.so.2, {}.{}.{}", version / 10000, version / 100 % 100,
                          version % 100);
    }
    dlclose(library);
  }
  return check("NCCL", found, "no libnccl.so.2 that answers", "collectives between GPUs");
}

EnvironmentCheck writable(const std::string& name, const fs::path& folder) {
  const bool can = access(folder.c_str(), W_OK) == 0;
  return {name, can ? Health::kFine : Health::kBroken,
          folder.string() + (can ? "" : " can't be written to"), "simulate"};
}

EnvironmentCheck locale() {
  const char* set = std::setlocale(LC_ALL, "");
  const std::string name = set == nullptr ? "" : set;
  std::setlocale(LC_ALL, "C");
  // Numbers and documents do not depend on it.
  return {"locale", Health::kFine,
          name.empty() ? "the one that is asked for is not installed; nothing here depends on it"
                       : name,
          "simulate"};
}

/// Those for the build. packages.txt comes with the source tree only.
std::vector<EnvironmentCheck> packages(const fs::path& root) {
  std::ifstream file(root / "packages.txt");
  std::string names;
  bool build = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) {
      build = line == "# build";
    } else if (build && !line.empty()) {
      names += " " + line;
    }
  }
  if (names.empty() || first_line("command -v dpkg-query").empty()) return {};
  const std::string missing = first_line(
      "for p in" + names +
      "; do dpkg-query -W -f '${db:Status-Abbrev}' $p 2>/dev/null | grep -q ^ii || printf ' %s' "
      "$p; done");
  return {
      {"packages", missing.empty() ? Health::kFine : Health::kAbsent,
       missing.empty() ? "those of packages.txt for the build are installed" : "missing:" + missing,
       "build"}};
}

}  // namespace

std::vector<EnvironmentCheck> look_at_machine(const Environment& environment) {
  std::vector<EnvironmentCheck> checks = {
      {"windtunnel", Health::kFine,
       fmt::format("{} ({}), built by {}", environment.build.version, environment.build.commit,
                   "g++ or clang " __VERSION__),
       "simulate"},
      data(environment)};
  const auto add = [&](const std::vector<EnvironmentCheck>& more) {
    checks.insert(checks.end(), more.begin(), more.end());
  };
  add(measurements(environment));
  std::error_code unknown;
  checks.push_back(writable("current folder", fs::current_path(unknown)));
  checks.push_back(writable("temporary folder", fs::temp_directory_path(unknown)));
  checks.push_back(locale());
  checks.push_back(check("compiler", first_line("c++ --version"), "no c++", "build"));
  checks.push_back(check("CMake", first_line("cmake --version"), "no cmake", "build"));
  checks.push_back(check("Ninja", first_line("ninja --version"), "no ninja", "build"));
  add(packages(environment.root));
  checks.push_back(cuda());
  checks.push_back(gpus());
  checks.push_back(nccl());
  checks.push_back(check("MPI", first_line("mpirun --version"), "no mpirun", "many hosts"));
  return checks;
}

}  // namespace windtunnel
