#include "bench/harness/measurement_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "bench/harness/toml_text.h"
#include "simulator/base/text_file.h"

namespace windtunnel::bench {
namespace {

using Chosen = std::vector<const Result*>;

double median_us(const Result& result) {
  return summarize_ns(result.collected.samples)->median / 1000;
}

/// As the collection's tables call it.
std::string_view table_dtype(Dtype dtype) { return dtype == Dtype::kBf16 ? "bfloat16" : "fp8"; }

std::string kernels_csv(const Chosen& results) {
  std::string text = "operation,dtype,m,n,k,groups,latency_us,noise,samples,mhz\n";
  for (const Result* it : results) {
    const KernelShape& shape = it->item.shape;
    const auto ns = summarize_ns(it->collected.samples);
    text += fmt::format("{},{},{},{},{},{},{:.3f},{:.4f},{},{:.0f}\n",
                        operation_name(shape.operation), dtype_name(shape.dtype), shape.m, shape.n,
                        shape.k, shape.groups, ns->median / 1000, ns->noise, ns->n,
                        summarize_mhz(it->collected.samples)->median);
  }
  return text;
}

/// Empty without a row.
std::string gemm_csv(const Chosen& results) {
  std::string rows;
  for (const Result* it : results) {
    const KernelShape& shape = it->item.shape;
    if (shape.operation != Operation::kGemm) continue;
    rows += fmt::format("{},{},{},{},{:.3f}\n", table_dtype(shape.dtype), shape.m, shape.n, shape.k,
                        median_us(*it));
  }
  return rows.empty() ? "" : "dtype,m,n,k,latency_us\n" + rows;
}

std::string quantize_csv(const Chosen& results) {
  std::string rows;
  for (const Result* it : results) {
    const KernelShape& shape = it->item.shape;
    if (shape.operation != Operation::kCast) continue;
    rows += fmt::format("cast_1x128,fp8,{},{},{:.3f}\n", shape.m, shape.n, median_us(*it));
  }
  return rows.empty() ? "" : "op,dtype,m,k,latency_us\n" + rows;
}

std::string samples_text(const Chosen& results) {
  std::size_t least = results.front()->collected.samples.size();
  std::size_t most = 0;
  for (const Result* it : results) {
    least = std::min(least, it->collected.samples.size());
    most = std::max(most, it->collected.samples.size());
  }
  return fmt::format("{} to {}; the median", least, most);
}

std::string noise_text(const Chosen& results) {
  double most = 0;
  for (const Result* it : results) {
    most = std::max(most, summarize_ns(it->collected.samples)->noise);
  }
  return fmt::format("distance of the quartiles at most {:.1f} % of the median", 100 * most);
}

std::string clocks_text(const Run& run, const Chosen& results) {
  double least = run.machine.default_mhz;
  double most = 0;
  for (const Result* it : results) {
    for (const Sample& sample : it->collected.samples) {
      least = std::min(least, sample.mhz);
      most = std::max(most, sample.mhz);
    }
  }
  return fmt::format("SM {:.0f} to {:.0f} MHz, default {:.0f}", least, most,
                     run.machine.default_mhz);
}

std::string manifest_toml(const Run& run, std::string_view implementation, const Chosen& results) {
  std::string text = manifest_head(
      run.machine,
      {.program = "windtunnel-bench",
       .commit = run.commit,
       .date = run.date,
       .clocks = clocks_text(run, results),
       .samples = samples_text(results),
       .noise = noise_text(results),
       .regime =
           fmt::format("{}; each kernel was timed by itself, L2 cold", regime_name(run.regime)),
       .units = "columns in _us are microseconds, mhz the median SM clock; the others are counts"});
  text += toml_table("kernels", implementation, "Every kernel, with the shapes of kernels/shapes.");
  if (!gemm_csv(results).empty()) {
    text += toml_table("gemm", implementation, "C[m, n] = A[m, k] B[n, k].");
  }
  if (!quantize_csv(results).empty()) {
    text +=
        toml_table("quantize", implementation,
                   "Casts of an m x k matrix to FP8 in one kernel: scales of 1 x 128 and codes.");
  }
  return text;
}

}  // namespace

std::map<std::filesystem::path, std::string> measurement_files(const Run& run,
                                                               std::span<const Result> results) {
  std::map<std::filesystem::path, std::string> files;
  if (run.machine.gpu.empty()) return files;
  std::map<std::string, Chosen> by_implementation;
  for (const Result& it : results) {
    if (!it.wrong.empty() || it.item.data != Data::kUniform) continue;
    if (!summarize_ns(it.collected.samples)) continue;
    by_implementation[it.item.implementation].push_back(&it);
  }
  for (const auto& [implementation, chosen] : by_implementation) {
    const std::string suffix = run.regime == Regime::kSustained ? "-sustained" : "";
    const std::filesystem::path folder =
        std::filesystem::path(run.machine.gpu) / (implementation + suffix);
    files[folder / "manifest.toml"] = manifest_toml(run, implementation, chosen);
    files[folder / "kernels.csv"] = kernels_csv(chosen);
    if (std::string text = gemm_csv(chosen); !text.empty()) files[folder / "gemm.csv"] = text;
    if (std::string text = quantize_csv(chosen); !text.empty()) {
      files[folder / "quantize.csv"] = text;
    }
  }
  return files;
}

std::size_t write_files(const std::filesystem::path& folder,
                        const std::map<std::filesystem::path, std::string>& files) {
  for (const auto& [name, text] : files) {
    std::error_code ignored;  // writing says it better
    std::filesystem::create_directories((folder / name).parent_path(), ignored);
    write_file_atomically(folder / name, text);
  }
  return files.size();
}

}  // namespace windtunnel::bench
