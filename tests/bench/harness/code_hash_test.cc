#include "bench/harness/code_hash.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "simulator/base/text_file.h"

namespace windtunnel::bench {
namespace {

template <typename T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

Elf64_Shdr section(std::uint32_t name, std::uint32_t type, std::uint64_t flags, std::uint64_t at,
                   std::uint64_t size) {
  Elf64_Shdr it{};
  it.sh_name = name;
  it.sh_type = type;
  it.sh_flags = flags;
  it.sh_offset = at;
  it.sh_size = size;
  return it;
}

/// Code of four bytes, a build id of four, symbols of four, and the names of the three.
std::string elf(const std::string& code, const std::string& id, const std::string& symbols) {
  const std::string names("\0.text\0.note\0.symtab\0", 21);
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 4;
  header.e_shstrndx = 3;
  const std::uint64_t start = sizeof header;
  header.e_shoff = start + 12 + names.size();
  return bytes_of(header) + code + id + symbols + names +
         bytes_of(section(1, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, start, 4)) +
         bytes_of(section(7, SHT_NOTE, SHF_ALLOC, start + 4, 4)) +
         bytes_of(section(13, SHT_SYMTAB, 0, start + 8, 4)) +
         bytes_of(section(0, SHT_STRTAB, 0, start + 12, names.size()));
}

TEST(CodeHash, IsOfWhatRunsAndNotOfWhatOneBuildLeaves) {
  const std::string hash = code_hash(elf("code", "id 1", "sym1"));
  EXPECT_EQ(hash.size(), 32U);
  EXPECT_EQ(code_hash(elf("code", "id 2", "sym2")), hash);
  EXPECT_NE(code_hash(elf("mode", "id 1", "sym1")), hash);
}

TEST(CodeHash, WhatIsNoElfHasNone) {
  const std::string whole = elf("code", "id 1", "sym1");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(code_hash(whole.substr(0, size)), "") << size;
  }
  std::string other = whole;
  other[EI_CLASS] = ELFCLASS32;
  EXPECT_EQ(code_hash(other), "");
  other = whole;
  other[offsetof(Elf64_Ehdr, e_shoff) + 7] = '\x7f';  // sections beyond the end
  EXPECT_EQ(code_hash(other), "");
}

void here() {}

TEST(CodeHash, ThisProgramHasOneThatLastsWhileItDoes) {
  const std::string hash = code_around(reinterpret_cast<const void*>(&here));
  EXPECT_EQ(hash.size(), 32U);
  EXPECT_EQ(code_around(reinterpret_cast<const void*>(&here)), hash);
  EXPECT_EQ(hash, code_hash(read_text_file("/proc/self/exe")));
  EXPECT_EQ(code_around(nullptr), "");
}

}  // namespace
}  // namespace windtunnel::bench
