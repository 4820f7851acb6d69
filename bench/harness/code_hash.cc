#include "bench/harness/code_hash.h"

#include <dlfcn.h>
#include <elf.h>

#include <cstdint>
#include <cstring>
#include <optional>

#include "simulator/base/error.h"
#include "simulator/base/hash.h"
#include "simulator/base/text_file.h"

namespace windtunnel::bench {
namespace {

/// `size` bytes of the file from `at` on; nothing where it is shorter.
std::optional<std::string_view> part(std::string_view file, std::uint64_t at, std::uint64_t size) {
  if (at > file.size() || size > file.size() - at) return std::nullopt;
  return file.substr(at, size);
}

template <typename T>
std::optional<T> read(std::string_view file, std::uint64_t at) {
  const auto bytes = part(file, at, sizeof(T));
  if (!bytes) return std::nullopt;
  T value;
  std::memcpy(&value, bytes->data(), sizeof(T));
  return value;
}

}  // namespace

std::string code_hash(std::string_view file) {
  const auto header = read<Elf64_Ehdr>(file, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_shentsize != sizeof(Elf64_Shdr)) {
    return "";
  }
  const auto section = [&](std::uint64_t index) {
    return read<Elf64_Shdr>(file, header->e_shoff + index * sizeof(Elf64_Shdr));
  };
  const auto names = section(header->e_shstrndx);
  if (!names) return "";
  std::string hashes;
  for (std::uint64_t i = 0; i < header->e_shnum; ++i) {
    const auto it = section(i);
    if (!it) return "";
    if (it->sh_type != SHT_PROGBITS || (it->sh_flags & SHF_ALLOC) == 0) continue;
    const auto name = part(file, names->sh_offset + it->sh_name, 1);
    const auto content = part(file, it->sh_offset, it->sh_size);
    if (!name || !content) return "";
    const std::string_view rest = file.substr(names->sh_offset + it->sh_name);
    hashes += std::string(rest.substr(0, rest.find('\0'))) + content_hash(*content);
  }
  return hashes.empty() ? "" : content_hash(hashes);
}

std::string code_around(const void* address) {
  Dl_info info{};
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) return "";
  try {
    return code_hash(read_text_file(info.dli_fname));
  } catch (const ConfigError&) {
    return "";
  }
}

}  // namespace windtunnel::bench
