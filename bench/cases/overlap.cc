#include "bench/cases/overlap.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bench/harness/toml_text.h"

namespace windtunnel::bench {
namespace {

constexpr KernelShape shape_of(Operation operation, Dtype dtype, std::int64_t m, std::int64_t n,
                               std::int64_t k, std::int64_t groups) {
  return {.operation = operation, .dtype = dtype, .m = m, .n = n, .k = k, .groups = groups};
}

/// Shapes are those of bench/cases at DeepSeek-V3's step.
constexpr std::array kCompute = {
    shape_of(Operation::kGemm, Dtype::kFp8, 4096, 7168, 16384, 1),
    shape_of(Operation::kGemm, Dtype::kBf16, 4096, 7168, 16384, 1),
    shape_of(Operation::kGroupedGemm, Dtype::kFp8, 32768, 4096, 7168, 4),
    shape_of(Operation::kAttentionForward, Dtype::kBf16, 4096, 128, 192, 128),
    shape_of(Operation::kAttentionBackward, Dtype::kBf16, 4096, 128, 192, 128),
    shape_of(Operation::kRmsNorm, Dtype::kBf16, 4096, 7168, 0, 1),
    shape_of(Operation::kSwiglu, Dtype::kFp8, 32768, 2048, 0, 1),
    shape_of(Operation::kPermute, Dtype::kBf16, 32768, 7168, 0, 1)};

/// Four virtual ranks: 20 and 24 SMs are whole CTAs for each.
constexpr std::array kCommunication = {
    shape_of(Operation::kLoopbackDispatch, Dtype::kFp8, 4096, 7168, 8, 4),
    shape_of(Operation::kLoopbackCombine, Dtype::kBf16, 4096, 7168, 8, 4)};

std::string class_name(const KernelShape& shape) {
  return fmt::format("{}/{}", operation_name(shape.operation), dtype_name(shape.dtype));
}

bool has_times(const OverlapResult& it) { return it.note.empty(); }

std::string overlap_csv(std::span<const OverlapResult> results) {
  std::string text =
      "compute,compute_dtype,communication,communication_dtype,compute_sms,communication_sms,"
      "compute_alone_us,compute_beside_us,communication_alone_us,communication_beside_us\n";
  for (const OverlapResult& it : results) {
    if (!has_times(it)) continue;
    const KernelShape& compute = it.pair.compute;
    const KernelShape& communication = it.pair.communication;
    text += fmt::format("{},{},", operation_name(compute.operation), dtype_name(compute.dtype));
    if (it.pair.communication_sms == 0) {
      text += fmt::format("none,,{},0,{:.3f},,,\n", it.pair.compute_sms, it.times.compute_alone);
      continue;
    }
    text += fmt::format("{},{},{},{},{:.3f},{:.3f},{:.3f},{:.3f}\n",
                        operation_name(communication.operation), dtype_name(communication.dtype),
                        it.pair.compute_sms, it.pair.communication_sms, it.times.compute_alone,
                        it.times.compute_beside, it.times.communication_alone,
                        it.times.communication_beside);
  }
  return text;
}

std::string manifest_toml(const Run& run) {
  const std::string text = manifest_head(
      run.machine, {.program = "windtunnel-bench --overlap",
                    .commit = run.commit,
                    .date = run.date,
                    .clocks = "not recorded",
                    .samples = "9; the median",
                    .noise = "not recorded",
                    .regime = "one kernel beside another that runs all the time, on two streams",
                    .units = "columns in _us are microseconds; the others are counts"});
  return text + toml_table("overlap", "windtunnel",
                           "Communication is between virtual ranks of this GPU: what it takes of "
                           "SMs and memory shows, a link's time does not.");
}

}  // namespace

std::vector<OverlapPair> overlap_pairs(int gpu_sms) {
  std::vector<OverlapPair> pairs;
  for (const KernelShape& compute : kCompute) {
    for (const int taken : {20, 24}) {
      for (const KernelShape& communication : kCommunication) {
        pairs.push_back({.compute = compute,
                         .communication = communication,
                         .compute_sms = gpu_sms - taken,
                         .communication_sms = taken});
      }
    }
    pairs.push_back({.compute = compute,
                     .communication = kCommunication.front(),
                     .compute_sms = gpu_sms,
                     .communication_sms = 0});
  }
  return pairs;
}

std::string pair_name(const OverlapPair& pair) {
  const std::string alone = fmt::format("{} on {} SMs", class_name(pair.compute), pair.compute_sms);
  if (pair.communication_sms == 0) return alone;
  return fmt::format("{} beside {} on {}", alone, class_name(pair.communication),
                     pair.communication_sms);
}

std::string overlap_table(const Run& run, std::span<const OverlapResult> results) {
  std::string text = fmt::format("{}, driver {}, CUDA {}, {}\n\n", run.machine.device,
                                 run.machine.driver, run.machine.cuda, run.date);
  for (const OverlapResult& it : results) {
    const OverlapTimes& t = it.times;
    if (!has_times(it)) {
      text += fmt::format("{}: {}\n", pair_name(it.pair), it.note);
    } else if (it.pair.communication_sms == 0) {
      text += fmt::format("{}: {:.2f} us\n", pair_name(it.pair), t.compute_alone);
    } else {
      text +=
          fmt::format("{}: {:.2f} us becomes {:.2f} ({:.2f} x), {:.2f} becomes {:.2f} ({:.2f} x)\n",
                      pair_name(it.pair), t.compute_alone, t.compute_beside,
                      t.compute_beside / t.compute_alone, t.communication_alone,
                      t.communication_beside, t.communication_beside / t.communication_alone);
    }
  }
  return text;
}

std::map<std::filesystem::path, std::string> overlap_files(const Run& run,
                                                           std::span<const OverlapResult> results) {
  if (run.machine.gpu.empty() || std::none_of(results.begin(), results.end(), has_times)) return {};
  const auto folder = std::filesystem::path(run.machine.gpu) / "windtunnel-overlap";
  return {{folder / "manifest.toml", manifest_toml(run)},
          {folder / "overlap.csv", overlap_csv(results)}};
}

}  // namespace windtunnel::bench
