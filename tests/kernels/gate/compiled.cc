#include "tests/kernels/gate/compiled.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <regex>

namespace windtunnel {
namespace {

void erase_all(std::string& text, std::string_view what) {
  for (std::size_t at; (at = text.find(what)) != std::string::npos;) text.erase(at, what.size());
}

std::string short_name(const std::string& symbol) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), &std::free);
  std::string name = status == 0 ? demangled.get() : symbol;
  erase_all(name, "windtunnel::device::");
  if (name.starts_with("void ")) name.erase(0, 5);
  // The parameters begin at the last parenthesis that no template argument stands in.
  int depth = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '<') ++depth;
    if (name[i] == '>') --depth;
    if (name[i] == '(' && depth == 0) return name.substr(0, i);
  }
  return name;
}

int number(const std::string& text, const std::regex& pattern) {
  std::smatch found;
  return std::regex_search(text, found, pattern) ? std::stoi(found[1]) : 0;
}

}  // namespace

std::vector<CompiledKernel> compiled_kernels(std::string_view ptxas) {
  static const std::regex kEntry("Compiling entry function '([^']+)' for '([^']+)'");
  std::vector<CompiledKernel> kernels;
  for (std::size_t start = 0; start < ptxas.size();) {
    const std::size_t end = std::min(ptxas.find('\n', start), ptxas.size());
    const std::string line(ptxas.substr(start, end - start));
    start = end + 1;
    std::smatch found;
    if (std::regex_search(line, found, kEntry)) {
      kernels.push_back({found[2], short_name(found[1]), found[1], 0, 0, 0, 0});
    } else if (!kernels.empty()) {
      CompiledKernel& kernel = kernels.back();
      kernel.registers += number(line, std::regex("Used ([0-9]+) registers"));
      kernel.stack += number(line, std::regex("([0-9]+) bytes stack frame"));
      kernel.spilled += number(line, std::regex("([0-9]+) bytes spill stores")) +
                        number(line, std::regex("([0-9]+) bytes spill loads"));
      kernel.shared += number(line, std::regex("([0-9]+) bytes smem"));
    }
  }
  return kernels;
}

std::string_view entry_of(std::string_view ptx, std::string_view symbol) {
  const std::string head = ".entry " + std::string(symbol) + "(";
  const std::size_t begin = ptx.find(head);
  if (begin == std::string_view::npos) return {};
  // Inline assembly has braces of its own: the body ends where another entry begins.
  return ptx.substr(begin, ptx.find(".entry ", begin + 1) - begin);
}

std::string_view family_of(std::string_view name) { return name.substr(0, name.find('<')); }

}  // namespace windtunnel
