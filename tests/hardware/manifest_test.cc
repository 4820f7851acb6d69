#include "simulator/hardware/manifest.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "simulator/hardware/measurement_store.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

TEST(Manifest, EveryShippedTableIsListedWithItsImplementation) {
  for (const char* folder : {"a100/aiconfigurator", "h100/aiconfigurator", "h200/aiconfigurator",
                             "h800/deepep", "h800/deepgemm", "h800/flashmla", "h800/infersim"}) {
    const std::filesystem::path path = std::filesystem::path("bench/measurements") / folder;
    const Manifest manifest = load_manifest(path);
    EXPECT_EQ(manifest.gpu, std::string(folder).substr(0, 4));
    std::set<std::string> listed, there;
    for (const ManifestTable& table : manifest.tables) listed.insert(table.name.value);
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.path().extension() == ".csv") there.insert(entry.path().stem().string());
    }
    EXPECT_EQ(listed, there) << folder;
  }
}

TEST(Manifest, AListedFileThatIsNotThereIsPointedAt) {
  const TemporaryFolder folder;
  std::ifstream shipped("bench/measurements/h800/deepep/manifest.toml");
  std::string text((std::istreambuf_iterator<char>(shipped)), std::istreambuf_iterator<char>());
  folder.write("manifest.toml", text);
  const auto message = [&] {
    return folder.without_folder(message_of([&] { load_manifest(folder.path); }));
  };
  EXPECT_EQ(message(),
            "manifest.toml:20:8: error: there is no normal.csv beside the manifest\n"
            "  20 | name = \"normal\"\n"
            "     |        ^\n"
            "  accepted: the name of a table in this folder, without .csv\n");
  folder.write("normal.csv", "ep\n8\n");
  EXPECT_EQ(message(), "no error");
}

TEST(Manifest, TheOriginNamesSoftwareRepositoryAndCommit) {
  const Manifest manifest = load_manifest("bench/measurements/a100/aiconfigurator");
  EXPECT_EQ(origin_text(manifest, "gemm"), "TensorRT-LLM 1.0.0, ai-dynamo/aiconfigurator@095f58a");
  EXPECT_EQ(origin_text(manifest, "unlisted"), "ai-dynamo/aiconfigurator@095f58a");
}

}  // namespace
}  // namespace windtunnel
