// Any bytes as a TOML file: the answer is a struct or a ConfigError with a place and a caret.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "simulator/base/error.h"
#include "simulator/base/fields.h"
#include "simulator/base/toml_file.h"

namespace windtunnel {
namespace {

enum class Kind { kSxm, kPcie };

struct Link {
  BytesPerSecond rate;
  std::optional<Seconds> latency;
};

struct Gpu {
  std::string name;
  int sms;
  Kind kind;
  std::vector<double> sizes;
  std::vector<Link> links;
};

Gpu decode_gpu(const Node& root) {
  const auto link = Fields<Link>("a link")
                        .required("rate", &Link::rate, between(1, 1e15), "rate")
                        .optional("latency", &Link::latency, above(0, 1), "latency");
  return decode(
      Fields<Gpu>("gpu")
          .required("name", &Gpu::name, "its name")
          .required("sms", &Gpu::sms, between(1, 1024), "multiprocessors")
          .required("kind", &Gpu::kind, names<Kind>({{"sxm", Kind::kSxm}, {"pcie", Kind::kPcie}}),
                    "form factor")
          .required("sizes", &Gpu::sizes, between(0, 1), "sizes")
          .table("links", &Gpu::links, link),
      root);
}

/// The last line of the input, `key=value`, is put in as the command line would.
void check(std::string_view input) {
  const std::size_t line = input.rfind('\n');
  const std::string_view last = line == std::string_view::npos ? "" : input.substr(line + 1);
  try {
    Node root = parse_toml(std::string(input.substr(0, line)), "fuzz.toml");
    const std::size_t equals = last.find('=');
    if (equals != std::string_view::npos) {
      set_value(root, last.substr(0, equals), last.substr(equals + 1));
    }
    const Gpu gpu = decode_gpu(root);
    if (gpu.name.empty() || gpu.sms < 1 || gpu.sizes.empty() || gpu.links.empty()) std::abort();
  } catch (const ConfigError& error) {
    const std::string_view text = error.what();
    const bool placed = text.starts_with("fuzz.toml:") || text.starts_with("--set:");
    if (!placed || text.find("^\n") == std::string_view::npos) std::abort();
  }
}

}  // namespace
}  // namespace windtunnel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  windtunnel::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
