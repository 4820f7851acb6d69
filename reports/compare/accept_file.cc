#include "reports/compare/accept_file.h"

#include "simulator/base/fields.h"
#include "simulator/base/toml_file.h"

namespace windtunnel {
namespace {

struct AcceptFile {
  std::vector<AcceptedChange> accept;
};

Fields<AcceptFile> accept_fields() {
  return Fields<AcceptFile>("accept file")
      .table("accept", &AcceptFile::accept,
             Fields<AcceptedChange>("an accepted change")
                 .required("field", &AcceptedChange::field, "a field, or several by *")
                 .optional("figures", &AcceptedChange::figures,
                           "hash of the figures that are accepted; without it any")
                 .required("reason", &AcceptedChange::reason, "why the change is right"));
}

}  // namespace

std::vector<AcceptedChange> load_accepted(const std::filesystem::path& path) {
  return decode(accept_fields(), load_toml(path)).accept;
}

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;  // how much the last star stands for
  std::size_t in = 0;
  while (in < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      taken = in;
    } else if (at < pattern.size() && pattern[at] == text[in]) {
      ++at;
      ++in;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in = ++taken;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

}  // namespace windtunnel
