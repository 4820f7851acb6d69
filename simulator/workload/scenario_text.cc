#include "simulator/workload/scenario_text.h"

#include "simulator/workload/assumptions_file.h"
#include "simulator/workload/schedules/overlapped_pair.h"
#include "simulator/workload/schedules/schedule.h"
#include "simulator/workload/skew_file.h"

namespace windtunnel {
namespace {

constexpr double kLargestDegree = 1 << 20;
constexpr double kMostVirtualStages = 1000;  // times the largest degree, still an int

Fields<Degrees> degree_fields() {
  const Range degree = between(1, kLargestDegree);
  return Fields<Degrees>("parallelism")
      .required("pipeline", &Degrees::pipeline, degree, "pipeline ranks")
      .required("expert", &Degrees::expert, degree, "GPUs that share the experts of a layer")
      .required("expert_tensor", &Degrees::expert_tensor, degree, "GPUs that share each expert")
      .required("tensor", &Degrees::tensor, degree, "GPUs that share each matrix")
      .required("sequence_parallel", &Degrees::sequence_parallel,
                "whether tensor ranks share the tokens between their matrices")
      .required("context", &Degrees::context, degree, "GPUs that share a sequence")
      .required(
          "zero_stage", &Degrees::zero_stage, between(0, 3),
          "1: optimizer state is sharded over the data ranks, 2: gradients too, 3: parameters "
          "too (FSDP)")
      .optional("shard_group", &Degrees::shard_group, degree,
                "data ranks that shard under ZeRO-3, replicated over the others (HSDP)");
}

Fields<ScheduleChoice> schedule_fields() {
  std::vector<std::string> known{std::string(overlapped_pair().name)};
  for (const ScheduleKind& kind : schedules()) known.emplace_back(kind.name);
  const auto times = names<HandOn>({{"ready", HandOn::kWhenReady}, {"slot", HandOn::kWithSlot}});
  return Fields<ScheduleChoice>("schedule")
      .custom("name", &ScheduleChoice::name, word_form(known), true, "pipeline schedule")
      .custom("fallback", &ScheduleChoice::fallback, word_form(known), true,
              "what runs where a step has too few micro-batches for it")
      .optional("virtual_stages", &ScheduleChoice::virtual_stages, between(1, kMostVirtualStages),
                "stages that each pipeline rank holds, where the schedule leaves that open")
      .required("hand_on", &ScheduleChoice::hand_on, times,
                "when a chunk's output leaves: when it is there, or with its slot's end")
      .optional("hand_on_alternatives", &ScheduleChoice::hand_on_alternatives, times,
                "other answers that the sources allow");
}

Fields<StageDivision> stage_fields() {
  const auto pairings =
      names<Pairing>({{"layers", Pairing::kLayers}, {"blocks", Pairing::kBlocks}});
  return Fields<StageDivision>("stages")
      .required("layers", &StageDivision::layers, between(0, 10000), "layers of each stage")
      .optional("alternatives", &StageDivision::alternatives, between(0, 10000),
                "other divisions that the sources allow")
      .required("pairing", &StageDivision::pairing, pairings,
                "what runs side by side where unlike stages overlap")
      .optional("pairing_alternatives", &StageDivision::pairing_alternatives, pairings,
                "other pairings that the sources allow")
      .optional("first_layer", &StageDivision::first_layer, between(0, 10000),
                "where the first stage begins: a part of the model")
      .optional("vision", &StageDivision::vision, between(0, 10000),
                "layers of the vision encoder in each stage; all in the first where left out");
}

Fields<BatchPlan> batch_fields() {
  return Fields<BatchPlan>("batch")
      .required("sequence_length", &BatchPlan::sequence_length, between(1, 16'777'216), "tokens")
      .optional("document_length", &BatchPlan::document_length, between(1, 16'777'216),
                "tokens of a packed document that attend to each other, mean over tokens")
      .optional("vision_share", &BatchPlan::vision_share, between(0, 1),
                "share of the tokens that image tiles are")
      .required("sequences", &BatchPlan::sequences, between(1, 100'000'000), "sequences a step")
      .required("micro_batch", &BatchPlan::micro_batch, between(1, 1024),
                "sequences a data rank takes at a time")
      .required("ramp_sequences", &BatchPlan::ramp_sequences, between(1, 100'000'000),
                "sequences a step at the start of the ramp")
      .required("ramp_tokens", &BatchPlan::ramp_tokens, between(Tokens{0}, Tokens{1e18}),
                "tokens over which the batch grows");
}

Fields<RunPlan> run_fields() {
  return Fields<RunPlan>("run")
      .optional("trained", &RunPlan::trained,
                names<TrainedPart>({{"all", TrainedPart::kAll}, {"vision", TrainedPart::kVision}}),
                "the part of the model that learns; all where left out")
      .required("tokens", &RunPlan::tokens, above(Tokens{0}, Tokens{1e18}), "tokens to train on")
      .required("price_per_gpu_hour", &RunPlan::price_per_gpu_hour,
                between(Dollars{0}, Dollars{1e6}), "rent of one GPU for one hour");
}

Fields<CommunicationPlan> communication_fields() {
  return Fields<CommunicationPlan>("communication")
      .required("sms", &CommunicationPlan::sms, between(1, 1024),
                "SMs that communication kernels hold in an overlapped pair");
}

Fields<MemoryPlan> memory_fields() {
  const Range bytes = between(0, 64);
  return Fields<MemoryPlan>("memory")
      .required("recompute", &MemoryPlan::recompute,
                names<Recompute>({{"none", Recompute::kNone},
                                  {"light", Recompute::kLight},
                                  {"full", Recompute::kFull}}),
                "what the backward pass computes again: nothing; norms, MLA up-projections and "
                "SwiGLU; each layer's whole forward")
      .required("gradient_bytes", &MemoryPlan::gradient_bytes, bytes, "a parameter's gradient")
      .required("master_bytes", &MemoryPlan::master_bytes, bytes, "a parameter's master weight")
      .required("moment_bytes", &MemoryPlan::moment_bytes, bytes, "both moments of a parameter")
      .required("fragmentation", &MemoryPlan::fragmentation, between(0, 1),
                "memory lost to the allocator, as a share of activations")
      .required("reserved", &MemoryPlan::reserved, between(Bytes{0}, Bytes{1e12}),
                "context, libraries, workspaces of a process");
}

Fields<Implementation> implementation_fields() {
  return Fields<Implementation>("implementation")
      .required("attention", &Implementation::attention,
                names<AttentionKernels>(
                    {{"flash", AttentionKernels::kFlash}, {"unfused", AttentionKernels::kUnfused}}),
                "one kernel, or products, softmax and dropout over all scores")
      .required("dropout", &Implementation::dropout, "whether activations are dropped")
      .required("separate_passes", &Implementation::separate_passes,
                "whether loss, optimizer and sums of gradients are operations of their own");
}

Fields<FailurePlan> failure_fields() {
  const Seconds year{366 * 86400.0};
  return Fields<FailurePlan>("failures")
      .required("node_mtbf", &FailurePlan::node_mtbf, above(Seconds{0}, year * 1000.0),
                "mean time between two failures of one node")
      .required("checkpoint", &FailurePlan::checkpoint, between(Seconds{0}, year),
                "time that a checkpoint keeps training waiting")
      .required("restart", &FailurePlan::restart, between(Seconds{0}, year),
                "from a failure until training goes on")
      .optional("interval", &FailurePlan::interval, above(Seconds{0}, year),
                "of training between two checkpoints; the best where left out");
}

Fields<RangeText> range_fields() {
  return Fields<RangeText>("ranges")
      .required("what", &RangeText::what, "what no source settles")
      .required("assumed", &RangeText::assumed, "what this scenario takes for it, in words")
      .required("cases", &RangeText::cases, "what else it may be: each a list of \"key = value\"")
      .required("why", &RangeText::why, "the reason for the choice and its range");
}

Fields<ScenarioText> make_fields() {
  return Fields<ScenarioText>("scenario")
      .required("name", &ScenarioText::name, "shown to people")
      .required("kind", &ScenarioText::kind,
                names<ScenarioKind>({{"pretraining", ScenarioKind::kPretraining},
                                     {"fine_tuning", ScenarioKind::kFineTuning},
                                     {"overlapped_pair", ScenarioKind::kOverlappedPair}}),
                "what is simulated")
      .required("model", &ScenarioText::model, "model file, relative to this one")
      .required("cluster", &ScenarioText::cluster, "cluster file, relative to this one")
      .optional("nodes", &ScenarioText::nodes, between(1, 100'000),
                "nodes of the cluster that are used; all where this is left out")
      .required("precision", &ScenarioText::precision,
                names<Dtype>({{"fp8", Dtype::kFp8}, {"bf16", Dtype::kBf16}}),
                "of the linear layers")
      .table("parallelism", &ScenarioText::parallelism, degree_fields())
      .table("schedule", &ScenarioText::schedule, schedule_fields())
      .table("stages", &ScenarioText::stages, stage_fields())
      .table("batch", &ScenarioText::batch, batch_fields())
      .table("run", &ScenarioText::run, run_fields())
      .table("communication", &ScenarioText::communication, communication_fields())
      .table("memory", &ScenarioText::memory, memory_fields())
      .table("implementation", &ScenarioText::implementation, implementation_fields(),
             "what the framework launches; absent: fused kernels")
      .table("failures", &ScenarioText::failures, failure_fields(),
             "of nodes; without it none but what assumptions.uptime counts")
      .table("skew", &ScenarioText::skew, skew_fields(),
             "how GPUs are unlike; absent: but for assumptions.routing_deviation they are alike")
      .table("assumptions", &ScenarioText::assumptions, assumptions_fields())
      .custom("ranges", &ScenarioText::ranges, range_fields().form(), false,
              "facts of the run that no source settles, and what else they may be");
}

}  // namespace

const Fields<ScenarioText>& scenario_fields() {
  static const Fields<ScenarioText> fields = make_fields();
  return fields;
}

FileKeys scenario_keys() { return file_keys(scenario_fields()); }

}  // namespace windtunnel
