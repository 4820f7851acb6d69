#include "reports/compare/effect_file.h"

#include "reports/compare/accept_file.h"
#include "simulator/base/fields.h"
#include "simulator/base/toml_file.h"

namespace windtunnel {
namespace {

struct EffectFile {
  std::vector<MinimumEffect> effect;
};

Fields<EffectFile> effect_fields() {
  return Fields<EffectFile>("effect file")
      .table("effect", &EffectFile::effect,
             Fields<MinimumEffect>("a minimum effect")
                 .required("benchmark", &MinimumEffect::benchmark, "a benchmark, or several by *")
                 .required("minimum", &MinimumEffect::minimum, between(0.0001, 1.0),
                           "smaller changes don't count, as a share")
                 .required("reason", &MinimumEffect::reason, "why it differs from the others'"));
}

}  // namespace

std::vector<MinimumEffect> load_effects(const std::filesystem::path& path) {
  return decode(effect_fields(), load_toml(path)).effect;
}

double minimum_effect_of(const std::vector<MinimumEffect>& effects, const std::string& benchmark,
                         double otherwise) {
  for (auto it = effects.rbegin(); it != effects.rend(); ++it) {
    if (matches(it->benchmark, benchmark)) return it->minimum;
  }
  return otherwise;
}

}  // namespace windtunnel
