// What of a program decides how long its kernels take: its code and its data, not its commit.
#pragma once

#include <string>
#include <string_view>

namespace windtunnel::bench {

/// XXH3-128 of the names and contents of all sections that `file`, a 64-bit ELF, brings into memory
/// (host code, constants, GPU code); symbols, build ids and debugging information are left out, so
/// that two builds of the same sources agree. Empty for what is no such file.
std::string code_hash(std::string_view file);

/// That of the program or shared library that `address` lies in; empty where it can't be read.
std::string code_around(const void* address);

}  // namespace windtunnel::bench
