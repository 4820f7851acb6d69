// What the compiler made of every kernel: within its budget, and with the instructions that it is
// about. The budget is rewritten by ./run accept.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "simulator/base/csv_file.h"
#include "simulator/base/text_file.h"
#include "tests/kernels/gate/compiled.h"

namespace windtunnel {
namespace {

const std::string kBudget = "kernels/gate/budget.csv";

std::vector<std::string> objects() {
  std::istringstream list(WINDTUNNEL_OBJECTS);
  std::vector<std::string> all;
  for (std::string path; std::getline(list, path, ':');) all.push_back(path);
  return all;
}

struct Entry {
  CompiledKernel kernel;
  std::string ptx;
};

/// By architecture and name, so that the order of objects does not matter.
using Kernels = std::map<std::pair<std::string, std::string>, Entry>;

Kernels all_kernels() {
  Kernels all;
  for (const std::string& object : objects()) {
    const std::string ptx = read_text_file(object + ".ptx");
    for (const CompiledKernel& it : compiled_kernels(read_text_file(object + ".ptxas"))) {
      all.insert({{it.arch, it.name}, {it, std::string(entry_of(ptx, it.symbol))}});
    }
  }
  return all;
}

/// `13.0`, as nvcc signs its PTX.
std::string nvcc_release() {
  const std::string ptx = read_text_file(objects().front() + ".ptx");
  const std::string before = "release ";
  const std::size_t begin = ptx.find(before) + before.size();
  return ptx.substr(begin, ptx.find(',', begin) - begin);
}

std::string budget_text(const Kernels& kernels) {
  std::string text =
      "# At most what each kernel may take of a thread's registers and stack (bytes), and of\n"
      "# shared memory beside what its launch asks for, with this nvcc. Written by ./run accept.\n"
      "nvcc,arch,kernel,registers,stack,shared\n";
  for (const auto& [key, entry] : kernels) {
    const CompiledKernel& it = entry.kernel;
    text += fmt::format("{},{},\"{}\",{},{},{}\n", nvcc_release(), it.arch, it.name, it.registers,
                        it.stack, it.shared);
  }
  return text;
}

TEST(CompileGate, EveryKernelIsWithinItsBudget) {
  const Kernels kernels = all_kernels();
  ASSERT_GE(kernels.size(), 50U);
  if (std::getenv("WINDTUNNEL_ACCEPT") != nullptr) {
    write_file_atomically(kBudget, budget_text(kernels));
  }
  const CsvTable budget = load_csv(kBudget);
  ASSERT_GT(budget.row_count(), 0U);
  if (budget.cell(0, 0) != nvcc_release()) {
    GTEST_SKIP() << "budgets are those of nvcc " << budget.cell(0, 0) << ", not " << nvcc_release();
  }
  std::set<std::pair<std::string, std::string>> known;
  for (std::size_t row = 0; row < budget.row_count(); ++row) {
    const std::pair key{std::string(budget.cell(row, 1)), std::string(budget.cell(row, 2))};
    known.insert(key);
    const auto found = kernels.find(key);
    ASSERT_NE(found, kernels.end()) << key.first << " " << key.second << " is not compiled";
    const CompiledKernel& it = found->second.kernel;
    EXPECT_LE(it.registers, budget.integer(row, 3)) << key.first << " " << it.name;
    EXPECT_LE(it.stack, budget.integer(row, 4)) << key.first << " " << it.name;
    EXPECT_LE(it.shared, budget.integer(row, 5)) << key.first << " " << it.name;
    EXPECT_EQ(it.spilled, 0) << key.first << " " << it.name;
  }
  for (const auto& [key, entry] : kernels) {
    EXPECT_TRUE(known.contains(key)) << key.first << " " << key.second << " has no budget";
  }
}

TEST(CompileGate, EveryKernelHasItsInstructions) {
  const Kernels kernels = all_kernels();
  const CsvTable required = load_csv("kernels/gate/instructions.csv");
  std::set<std::string> told;
  for (std::size_t row = 0; row < required.row_count(); ++row) {
    const std::string arch(required.cell(row, 0));
    const std::string family(required.cell(row, 1));
    const std::string instruction(required.cell(row, 2));
    int found = 0;
    for (const auto& [key, entry] : kernels) {
      if ((key.first != arch && arch != "both") || family_of(key.second) != family) continue;
      ++found;
      EXPECT_NE(entry.ptx.find(instruction), std::string::npos)
          << key.first << " " << key.second << " has no " << instruction;
    }
    EXPECT_GT(found, 0) << "no kernel " << family << " for " << arch;
    told.insert(family);
  }
  for (const auto& [key, entry] : kernels) {
    EXPECT_TRUE(told.contains(std::string(family_of(key.second)))) << key.second << " has no line";
  }
}

// Two entries as ptxas 13.0 describes them.
constexpr const char* kPtxas = R"(ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function '_ZN10windtunnel6device4gemmILi128EEEvPKf' for 'sm_90a'
ptxas info    : Function properties for _ZN10windtunnel6device4gemmILi128EEEvPKf
    16 bytes stack frame, 8 bytes spill stores, 4 bytes spill loads
ptxas info    : Used 168 registers, used 2 barriers, 96 bytes smem
ptxas info    : Compile time = 1.0 ms
ptxas info    : Compiling entry function '_ZN10windtunnel6device4scanEPi' for 'sm_80'
ptxas info    : Function properties for _ZN10windtunnel6device4scanEPi
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 9 registers, used 0 barriers
)";

TEST(CompileGate, ReadsWhatPtxasSays) {
  const std::vector<CompiledKernel> kernels = compiled_kernels(kPtxas);
  ASSERT_EQ(kernels.size(), 2U);
  EXPECT_EQ(kernels[0].name, "gemm<128>");
  EXPECT_EQ(family_of(kernels[0].name), "gemm");
  EXPECT_EQ(kernels[0].arch, "sm_90a");
  EXPECT_EQ(kernels[0].registers, 168);
  EXPECT_EQ(kernels[0].stack, 16);
  EXPECT_EQ(kernels[0].spilled, 12);
  EXPECT_EQ(kernels[0].shared, 96);
  EXPECT_EQ(kernels[1].name, "scan");
  EXPECT_EQ(kernels[1].registers, 9);
  EXPECT_EQ(kernels[1].shared, 0);
}

TEST(CompileGate, FindsTheBodyOfAnEntry) {
  const std::string_view ptx =
      ".entry a(\n)\n{\n{\n wait;\n}\n mma;\n}\n.entry b(\n)\n{\n add;\n}\n";
  EXPECT_NE(entry_of(ptx, "a").find("mma"), std::string_view::npos);
  EXPECT_EQ(entry_of(ptx, "a").find("add"), std::string_view::npos);
  EXPECT_NE(entry_of(ptx, "b").find("add"), std::string_view::npos);
  EXPECT_EQ(entry_of(ptx, "c"), "");
}

}  // namespace
}  // namespace windtunnel
