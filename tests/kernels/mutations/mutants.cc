// Builds and runs the mutants of one list, each for every seed: mutants LIST [--only TEXT]...
// [--seeds N]. A mutant is a copy of one kernel file with texts replaced, in a folder that the
// compiler searches first. Exit code 1 if one survives a seed or no longer applies; README.md.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace windtunnel {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSource = WINDTUNNEL_SOURCE_DIR;
constexpr const char* kLibraries = WINDTUNNEL_LIBRARIES;
constexpr const char* kCompiler = WINDTUNNEL_COMPILER;

struct Edit {
  std::string from;
  std::string to;
};

struct Mutant {
  std::string name;
  std::string file;
  std::string test;
  bool all = false;
  std::vector<Edit> edits;
};

std::string read(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The text behind `key`, or nothing where the line begins otherwise.
bool takes(const std::string& line, const std::string& key, std::string& value) {
  if (!line.starts_with(key)) return false;
  value = line.substr(key.size());
  return true;
}

/// A text goes on in the lines that follow, up to the next mark; blank lines end it.
std::vector<Mutant> read_list(const fs::path& path) {
  std::vector<Mutant> mutants;
  std::istringstream lines(read(path));
  std::string* open = nullptr;
  for (std::string line; std::getline(lines, line);) {
    std::string value;
    const bool from = line == "-" || line.starts_with("- ");
    const bool to = line == "+" || line.starts_with("+ ");
    if (takes(line, "name: ", value)) {
      mutants.push_back({.name = value, .file = {}, .test = {}, .edits = {}});
      open = nullptr;
    } else if (mutants.empty()) {
      continue;
    } else if (takes(line, "file: ", mutants.back().file) ||
               takes(line, "test: ", mutants.back().test)) {
      continue;
    } else if (line.starts_with("all: ")) {
      mutants.back().all = true;
    } else if (from || to) {
      if (from) mutants.back().edits.push_back({});
      Edit& edit = mutants.back().edits.back();
      open = from ? &edit.from : &edit.to;
      *open = line.size() > 2 ? line.substr(2) : "";
    } else if (open != nullptr) {
      *open += "\n" + line;
    }
  }
  for (Mutant& mutant : mutants) {
    for (Edit& edit : mutant.edits) edit.to.erase(edit.to.find_last_not_of('\n') + 1);
  }
  return mutants;
}

/// Replaces what an edit names; false where it isn't there, or is twice and that was not said.
bool apply(const Edit& edit, bool all, std::string& text) {
  std::size_t found = 0;
  for (std::size_t at = text.find(edit.from); at != std::string::npos;
       at = text.find(edit.from, at + edit.to.size())) {
    text.replace(at, edit.from.size(), edit.to);
    ++found;
  }
  return found == 1 || (found > 1 && all);
}

int shell(const std::string& command) { return std::system(command.c_str()); }

bool build(const Mutant& mutant, const fs::path& folder, const fs::path& program) {
  std::string text = read(fs::path(kSource) / mutant.file);
  for (const Edit& edit : mutant.edits) {
    if (!apply(edit, mutant.all, text)) return false;
  }
  const fs::path target = folder / mutant.file;
  fs::create_directories(target.parent_path());
  std::ofstream(target) << text;
  std::string command = std::string(kCompiler) + " -std=c++20 -O1 -ffp-contract=off -w -I" +
                        folder.string() + " -I" + kSource + " " + kSource + "/" + mutant.test +
                        " -o " + program.string() + " " + kLibraries;
  return shell(command + " -lgtest_main -lgtest -lpthread >/dev/null 2>&1") == 0;
}

int kills(const fs::path& program, int seeds) {
  int count = 0;
  for (int seed = 1; seed <= seeds; ++seed) {
    count += shell("WINDTUNNEL_DEVICE_SEED=" + std::to_string(seed) + " timeout 120 " +
                   program.string() + " --gtest_fail_fast >/dev/null 2>&1") != 0;
  }
  return count;
}

bool named(const Mutant& mutant, const std::vector<std::string>& only) {
  for (const std::string& text : only) {
    if (mutant.name.find(text) != std::string::npos) return true;
  }
  return only.empty();
}

/// Seeds that find the mutant, or -1 where there is none.
int found_by(const Mutant& mutant, int seeds) {
  std::string pattern = (fs::temp_directory_path() / "mutant-XXXXXX").string();
  const fs::path folder = mkdtemp(pattern.data());
  const fs::path program = folder / "test";
  const bool built = build(mutant, folder, program);
  const int found = built ? kills(program, seeds) : -1;
  fs::remove_all(folder);
  std::cout << mutant.name << ": ";
  if (built) {
    std::cout << found << "/" << seeds << std::endl;
  } else {
    std::cout << "does not apply or compile" << std::endl;
  }
  return found;
}

/// A test that fails without a mutant would seem to find them all.
int failing_as_they_are(const std::vector<Mutant>& mutants, int seeds) {
  std::set<std::string> tests;
  int failing = 0;
  for (const Mutant& mutant : mutants) {
    if (!tests.insert(mutant.test).second) continue;
    const Mutant none{"no mutant, " + mutant.test, mutant.file, mutant.test, false, {}};
    failing += found_by(none, seeds) == 0 ? 0 : 1;
  }
  return failing;
}

int run(int argc, char** argv) {
  std::vector<std::string> only;
  int seeds = 20;
  for (int i = 2; i + 1 < argc; i += 2) {
    if (std::string(argv[i]) == "--only") only.push_back(argv[i + 1]);
    if (std::string(argv[i]) == "--seeds") seeds = std::atoi(argv[i + 1]);
  }
  std::vector<Mutant> mutants = read_list(argv[1]);
  std::erase_if(mutants, [&](const Mutant& mutant) { return !named(mutant, only); });
  const int failing = failing_as_they_are(mutants, seeds);
  int survivors = 0;
  for (const Mutant& mutant : mutants) survivors += found_by(mutant, seeds) == seeds ? 0 : 1;
  std::cout << mutants.size() << " mutants, " << survivors << " survive a seed" << std::endl;
  return !mutants.empty() && failing + survivors == 0 ? 0 : 1;
}

}  // namespace
}  // namespace windtunnel

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "mutants LIST [--only TEXT]... [--seeds N]\n";
    return 2;
  }
  return windtunnel::run(argc, argv);
}
