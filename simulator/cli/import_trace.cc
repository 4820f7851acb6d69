#include <fmt/format.h>

#include <ctime>
#include <memory>

#include "reports/render/profile_json.h"
#include "reports/render/profile_text.h"
#include "simulator/base/error.h"
#include "simulator/base/hash.h"
#include "simulator/base/text_file.h"
#include "simulator/cli/command.h"
#include "simulator/profile/kineto_file.h"
#include "simulator/profile/profile_folder.h"

namespace windtunnel {
namespace {

/// The profile whose kernels somebody has read: others with the same are recognised by it.
constexpr const char* kKnownKernels = "bench/measurements/h800/deepseek-profile-data";

struct Options {
  std::string file;
  std::string json;
  std::string measurements;
  std::string gpu;
  int compute_sms = 0;
};

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm date{};
  gmtime_r(&now, &date);
  return fmt::format("{:04}-{:02}-{:02}", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
}

const Gpu& measured_gpu(const Options& options, const std::vector<Gpu>& gpus,
                        const std::string& device) {
  const Gpu* gpu = options.gpu.empty() ? gpu_of_device(gpus, device) : find_gpu(gpus, options.gpu);
  if (gpu != nullptr) return *gpu;
  std::vector<std::string> ids;
  for (const Gpu& known : gpus) ids.push_back(known.id);
  throw UsageError(fmt::format("{}; --gpu takes one of: {}",
                               !options.gpu.empty() ? "no GPU is called `" + options.gpu + "`"
                               : device.empty()     ? std::string("the profile names no GPU")
                                                    : "no GPU file is of `" + device + "`",
                               fmt::join(ids, ", ")));
}

/// All SMs but those that communication kernels hold, unless the user says so.
int compute_sms(const Options& options, const Gpu& gpu, const Profile& profile) {
  if (options.compute_sms > gpu.sms) {
    throw UsageError(fmt::format("--compute-sms: {} has {} SMs", gpu.name, gpu.sms));
  }
  if (options.compute_sms > 0) return options.compute_sms;
  const int held = communication_sms(profile);
  return held < gpu.sms ? gpu.sms - held : gpu.sms;
}

std::string write_folder(const Options& options, const Profile& profile,
                         const Environment& environment) {
  const std::vector<Gpu> gpus = load_gpus(environment.root / "topologies/gpus");
  const Gpu& gpu = measured_gpu(options, gpus, profile.gpu);
  const ShapedLaunches shaped =
      shaped_launches(profile, load_known_sequences(environment.root / kKnownKernels));
  const FolderOrigin origin{.profile = std::filesystem::path(options.file).filename().string(),
                            .device = profile.gpu.empty() ? gpu.name : profile.gpu,
                            .date = today(),
                            .compute_sms = compute_sms(options, gpu, profile)};
  const std::filesystem::path folder = options.measurements;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw UsageError(fmt::format("can't make `{}`: {}", folder.string(), error.message()));
  }
  for (const auto& [name, text] : profile_files(profile, shaped, gpu, origin)) {
    write_file_atomically(folder / name, text);
  }
  return render_folder_text(shaped, options.measurements, origin.compute_sms, gpu.sms);
}

/// What says how the folder is written means nothing without one.
void check_folder_options(const Options& options) {
  if (!options.measurements.empty()) return;
  const char* idle = !options.gpu.empty()      ? "--gpu"
                     : options.compute_sms > 0 ? "--compute-sms"
                                               : nullptr;
  if (idle == nullptr) return;
  throw UsageError(fmt::format("{} has no effect without --measurements DIR", idle));
}

ExitCode run_import(const Options& options, const Environment& environment) {
  check_folder_options(options);
  Profile profile = read_kineto(options.file);
  std::string folder_text;
  if (!options.measurements.empty()) {
    folder_text = write_folder(options, profile, environment);
  }
  const ProfileSummary summary = summarise(std::move(profile));
  if (!options.json.empty()) {
    const std::vector<InputFile> inputs{{.path = options.file, .hash = file_hash(options.file)}};
    write_output(options.json, render_profile_json(summary, inputs, environment.build));
  }
  if (options.json != "-") {
    write_output("-", render_profile_text(summary, options.file, environment.colour) + folder_text);
  }
  return ExitCode::kFine;
}

}  // namespace

Command add_import_trace(CLI::App& app, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "import-trace", "Read a PyTorch (Kineto) profile: spans, overlap, phases, kernels");
  command->add_option("FILE", options->file, "FILE.json or FILE.json.gz")->required();
  command->add_option("--json", options->json, "write the document, - for stdout")
      ->type_name("FILE");
  command
      ->add_option("--measurements", options->measurements,
                   "write a measurement folder, for simulate --measurements")
      ->type_name("DIR");
  command->add_option("--gpu", options->gpu, "whose kernels they are, where the file does not say");
  command
      ->add_option("--compute-sms", options->compute_sms,
                   "SMs that compute kernels ran on (default: those that communication leaves)")
      ->check(CLI::Range(1, 1024));
  command->footer(
      "Examples:\n"
      "  windtunnel import-trace profile.json.gz\n"
      "  windtunnel import-trace profile.json.gz --measurements own --compute-sms 112");
  return [options, &environment] { return run_import(*options, environment); };
}

}  // namespace windtunnel
