// How fast profiles are read, and in how much memory. The file is made up: events of the length and
// mix that PyTorch writes (four of the host's to one kernel), argument megabytes of them.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>

#include "simulator/base/byte_stream.h"
#include "simulator/profile/kineto_file.h"
#include "simulator/profile/profile_summary.h"

namespace windtunnel {
namespace {

/// A kernel with the arguments that Kineto gives it, and the host's events around its launch.
std::string events_of(std::int64_t number) {
  const double time = 1.7e15 + static_cast<double>(number) * 12.5;
  std::string text = fmt::format(
      R"({{"ph":"X","cat":"kernel","name":"void kernel_{}<float, 4, 128, true>",)"
      R"("pid":0,"tid":{},"ts":{:.3f},"dur":{:.3f},"args":{{"External id":{},"device":0,)"
      R"("context":1,"stream":{},"correlation":{},"registers per thread":168,"shared memory":0,)"
      R"("blocks per SM":1.0,"grid":[{},1,1],"block":[256,1,1],"est. achieved occupancy %":25}}}},)"
      "\n",
      number % 300, number % 3 + 7, time, static_cast<double>(number % 97) + 0.5, number,
      number % 3 + 7, number, number % 64 + 1);
  for (int host = 0; host < 4; ++host) {
    fmt::format_to(std::back_inserter(text),
                   R"({{"ph":"X","cat":"cpu_op","name":"aten::op_{}","pid":1,"tid":1,"ts":{:.3f},)"
                   R"("dur":2.125,"args":{{"External id":{},"Ev Idx":{},"Sequence number":7}}}},)"
                   "\n",
                   number % 50 + host, time + host, number, number);
  }
  return text;
}

class ProfileFile {
 public:
  ProfileFile(std::int64_t megabytes, const char* ending)
      : path(std::filesystem::temp_directory_path() /
             fmt::format("windtunnel-{}{}", ::getpid(), ending)) {
    ByteWriter out(path);
    out.write("{\"schemaVersion\":1,\"traceEvents\":[\n");
    for (std::int64_t number = 0; out.size() < static_cast<std::uint64_t>(megabytes) * 1'000'000;
         ++number) {
      out.write(events_of(number));
    }
    out.write("{\"ph\":\"M\"}]}\n");
    bytes = static_cast<double>(out.size());
    out.finish();
  }
  ~ProfileFile() { std::filesystem::remove(path); }
  ProfileFile(const ProfileFile&) = delete;
  ProfileFile& operator=(const ProfileFile&) = delete;

  std::filesystem::path path;
  double bytes;  ///< before compression
};

void import_profile(benchmark::State& state, const char* ending) {
  const ProfileFile file(state.range(0), ending);
  for (auto _ : state) benchmark::DoNotOptimize(summarise(read_kineto(file.path)));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["MB_per_s"] =
      benchmark::Counter(file.bytes * 1e-6, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["peak_rss_MB"] = static_cast<double>(usage.ru_maxrss) / 1024;
}
BENCHMARK_CAPTURE(import_profile, plain, ".json")
    ->Arg(100)
    ->Arg(1000)
    ->Iterations(1)
    ->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(import_profile, gzip, ".json.gz")
    ->Arg(100)
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace windtunnel
