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

std::string manifest_head(const Machine& machine, const Provenance& provenance) {
  const std::string& program = provenance.program;
  return "# Written by " + program + ": each run replaces it.\n\n" + toml_line("gpu", machine.gpu) +
         toml_line("device", machine.device) +
         toml_line("collected_by", "this project, " + program) +
         toml_line("repository", "windtunnel") + toml_line("commit", provenance.commit) +
         toml_line("licence", "as the project") + toml_line("date", provenance.date) +
         toml_line("clocks", provenance.clocks) + toml_line("driver", machine.driver) +
         toml_line("cuda", machine.cuda) + toml_line("samples", provenance.samples) +
         toml_line("noise", provenance.noise) + toml_line("regime", provenance.regime) +
         toml_line("units", provenance.units) + toml_line("changes", "none");
}

}  // namespace windtunnel::bench
