#include "bench/harness/toml_text.h"

namespace windtunnel::bench {

std::string toml_line(std::string_view key, std::string_view value) {
  std::string out(key);
  out += " = \"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"\n";
}

std::string toml_table(std::string_view name, std::string_view implementation,
                       std::string_view note) {
  return "\n[[tables]]\n" + toml_line("name", name) + toml_line("implementation", implementation) +
         toml_line("note", note);
}

}  // namespace windtunnel::bench
