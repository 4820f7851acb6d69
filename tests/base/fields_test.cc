#include "simulator/base/fields.h"

#include <gtest/gtest.h>

#include <variant>

#include "simulator/base/toml_file.h"
#include "tests/base/message.h"

namespace windtunnel {
namespace {

enum class Kind { kSxm, kPcie };

struct Link {
  BytesPerSecond rate;
};

struct Mla {
  int rank;
};

// No member has a default: what decode doesn't fill can't be forgotten silently.
struct Gpu {
  bool ecc;
  int sms;
  std::int64_t transistors;
  double skew;
  std::string name;
  Kind kind;
  Seconds latency;
  Bytes memory;
  Flops work;
  Tokens tokens;
  Dollars price;
  FlopsPerSecond peak;
  std::vector<int> sizes;
  std::vector<Kind> kinds;
  std::vector<Sourced<Bytes>> caches;
  std::optional<double> clock;
  std::optional<Sourced<Tokens>> limit;
  std::vector<std::string> notes;
  Sourced<std::string> file;
  Link link;
  std::optional<Link> spare;
  std::vector<Link> links;
  std::variant<std::monostate, Mla> attention;
};

Fields<Link> link_fields() {
  return Fields<Link>("a link").required(
      "rate", &Link::rate, between(BytesPerSecond{1e9}, BytesPerSecond{1e13}), "each way");
}

Form<std::variant<std::monostate, Mla>> attention_form() {
  const Form<Mla> mla =
      Fields<Mla>("mla").required("rank", &Mla::rank, between(1, 4096), "latent width").form();
  return {mla.form,
          [mla](const Node& node) -> std::variant<std::monostate, Mla> { return mla.read(node); }};
}

Fields<Gpu> gpu_fields() {
  const Names<Kind> kinds = names<Kind>({{"sxm", Kind::kSxm}, {"pcie", Kind::kPcie}});
  return Fields<Gpu>("gpu")
      .required("ecc", &Gpu::ecc, "error correction is on")
      .required("sms", &Gpu::sms, between(1, 1024), "streaming multiprocessors")
      .required("transistors", &Gpu::transistors, between(1, 1e15), "transistors")
      .required("skew", &Gpu::skew, between(0, 1), "clock skew")
      .required("name", &Gpu::name, "its name")
      .required("kind", &Gpu::kind, kinds, "form factor")
      .required("latency", &Gpu::latency, above(Seconds{0}, Seconds{1}), "launch")
      .required("memory", &Gpu::memory, between(Bytes{1e9}, Bytes{1e12}), "HBM")
      .required("work", &Gpu::work, between(Flops{0}, Flops{1e30}), "work")
      .required("tokens", &Gpu::tokens, between(Tokens{1}, Tokens{1e15}), "tokens")
      .required("price", &Gpu::price, between(Dollars{0}, Dollars{100}), "an hour")
      .required("peak", &Gpu::peak, between(FlopsPerSecond{1}, FlopsPerSecond{1e18}), "peak")
      .required("sizes", &Gpu::sizes, between(1, 8), "sizes")
      .required("kinds", &Gpu::kinds, kinds, "kinds")
      .required("caches", &Gpu::caches, between(Bytes{1}, Bytes{1e9}), "caches")
      .optional("clock", &Gpu::clock, between(0, 5), "GHz")
      .optional("limit", &Gpu::limit, between(Tokens{0}, Tokens{1e9}), "limit")
      .optional("notes", &Gpu::notes, "notes")
      .required("file", &Gpu::file, "measurements")
      .table("link", &Gpu::link, link_fields(), "to the switch")
      .table("spare", &Gpu::spare, link_fields(), "a second one")
      .table("links", &Gpu::links, link_fields(), "to the others")
      .custom("attention", &Gpu::attention, attention_form(), true, "kind of attention");
}

constexpr const char* kGpu = R"(ecc = true
sms = 132
transistors = 80_000_000_000
skew = 1
name = "h800"
kind = "pcie"
latency = "2 us"
memory = "80 GB"
work = "3 ZFLOP"
tokens = "14.8 T"
price = "2 USD"
peak = "989.4 TFLOPS"
sizes = [1, 2]
kinds = ["pcie", "sxm"]
caches = ["1 MiB", "50 MB"]
file = "h800.csv"
link = { rate = "400 GB/s" }
attention.rank = 512

[[links]]
rate = "50 GB/s"
[[links]]
rate = "60 GB/s"
)";

TEST(Decode, FillsEveryKindOfMember) {
  const Gpu gpu = decode(gpu_fields(), parse_toml(kGpu, "gpu.toml"));
  EXPECT_TRUE(gpu.ecc);
  EXPECT_EQ(gpu.sms, 132);
  EXPECT_EQ(gpu.transistors, 80'000'000'000);
  EXPECT_EQ(gpu.skew, 1.0);
  EXPECT_EQ(gpu.name, "h800");
  EXPECT_EQ(gpu.kind, Kind::kPcie);
  EXPECT_EQ(gpu.latency.value, 2 * 1e-6);
  EXPECT_EQ(gpu.memory.value, 80e9);
  EXPECT_EQ(gpu.work.value, 3e21);
  EXPECT_EQ(gpu.tokens.value, 14.8e12);
  EXPECT_EQ(gpu.price.value, 2.0);
  EXPECT_EQ(gpu.peak.value, 989.4 * 1e12);
  EXPECT_EQ(gpu.sizes, (std::vector<int>{1, 2}));
  EXPECT_EQ(gpu.kinds, (std::vector<Kind>{Kind::kPcie, Kind::kSxm}));
  ASSERT_EQ(gpu.caches.size(), 2u);
  EXPECT_EQ(gpu.caches[0].value.value, 1048576.0);
  EXPECT_EQ(place_text(gpu.caches[1].source), "gpu.toml:15:20");
  EXPECT_EQ(gpu.clock, std::nullopt);
  EXPECT_FALSE(gpu.limit.has_value());
  EXPECT_TRUE(gpu.notes.empty());
  EXPECT_EQ(gpu.file.value, "h800.csv");
  EXPECT_EQ(place_text(gpu.file.source), "gpu.toml:16:8");
  EXPECT_EQ(gpu.link.rate.value, 400e9);
  EXPECT_FALSE(gpu.spare.has_value());
  ASSERT_EQ(gpu.links.size(), 2u);
  EXPECT_EQ(gpu.links[1].rate.value, 60e9);
  EXPECT_EQ(std::get<Mla>(gpu.attention).rank, 512);
}

TEST(Decode, TakesTheOptionalKeysThatAreThere) {
  Node root = parse_toml(kGpu, "gpu.toml");
  set_value(root, "clock", "1.7");
  set_value(root, "limit", "4 k");
  set_value(root, "notes", "['a', 'b']");
  set_value(root, "spare.rate", "1 GB/s");
  const Gpu gpu = decode(gpu_fields(), root);
  EXPECT_EQ(gpu.clock, 1.7);
  EXPECT_EQ(gpu.limit->value.value, 4000.0);
  EXPECT_EQ(place_text(gpu.limit->source), "--set:1:9");
  EXPECT_EQ(gpu.notes, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(gpu.spare->rate.value, 1e9);
}

std::string with(const std::string& key, const std::string& value) {
  Node root = parse_toml(kGpu, "gpu.toml");
  set_value(root, key, value);
  return message_of([&] { decode(gpu_fields(), root); });
}

TEST(Decode, PointsIntoListsAndInnerTables) {
  EXPECT_EQ(with("sizes", "[1, 9]"),
            "--set:1:13: error: 9 is out of range\n"
            "   1 | sizes = [1, 9]\n"
            "     |             ^\n"
            "  accepted: an integer from 1 to 8\n");
  EXPECT_EQ(with("links.1.rat", "1"),
            "--set:1:9: error: unknown key `rat` in a link, did you mean `rate`?\n"
            "   1 | links.1.rat = 1\n"
            "     |         ^\n"
            "  accepted: rate\n");
  EXPECT_EQ(with("kinds", "['sxm', 'oam']"),
            "--set:1:17: error: unknown name `oam`\n"
            "   1 | kinds = ['sxm', 'oam']\n"
            "     |                 ^\n"
            "  accepted: one of \"sxm\", \"pcie\"\n");
}

TEST(Decode, EveryRequiredKeyIsMissed) {
  const Node whole = parse_toml(kGpu, "gpu.toml");
  for (const FieldRow& row : describe(gpu_fields())) {
    if (!row.required || row.key.find('.') != std::string::npos) continue;
    const std::string key = row.form.table && row.form.lists > 0 ? "links" : row.key;
    Node less = whole;
    auto& entries = std::get<Table>(less.value).entries;
    std::erase_if(entries, [&](const Entry& entry) { return entry.key == key; });
    const std::string message = message_of([&] { decode(gpu_fields(), less); });
    EXPECT_EQ(message.find("gpu.toml:1:1: error: gpu lacks the key `" + key + "`"), 0u) << message;
  }
}

TEST(Decode, EveryKeyRejectsEveryOtherKindOfValue) {
  const Node whole = parse_toml(kGpu, "gpu.toml");
  for (const Entry& entry : std::get<Table>(whole.value).entries) {
    int accepted = 0;
    for (const char* value : {"true", "-1", "-1.5", "nan", "'banana'", "[]", "{}", "[[1]]"}) {
      accepted += with(entry.key, value) == "no error" ? 1 : 0;
    }
    // A bool takes one of them, a text another, and `{}` adds nothing to an inner table.
    EXPECT_LE(accepted, 1) << entry.key;
  }
}

TEST(Describe, WalksInnerTables) {
  std::string keys;
  for (const FieldRow& row : describe(gpu_fields())) keys += row.key + " ";
  EXPECT_EQ(keys,
            "ecc sms transistors skew name kind latency memory work tokens price peak sizes kinds "
            "caches clock limit notes file link link.rate spare spare.rate links[] links[].rate "
            "attention attention.rank ");
}

}  // namespace
}  // namespace windtunnel
