#include "simulator/workload/assumptions_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/workload/assumption_fields.h"
#include "simulator/workload/rejection.h"
#include "simulator/workload/sm_count.h"

namespace windtunnel {
namespace {

Fields<Assumption<int>> sms_fields() {
  using Sms = Assumption<int>;
  return Fields<Sms>("sms_alone")
      .custom("value", &Sms::value, sm_count_form(), true, "what the projection uses")
      .custom("low", &Sms::low, sm_count_form(), true, "lower end of the 80 % range")
      .custom("high", &Sms::high, sm_count_form(), true, "upper end of the 80 % range")
      .required("why", &Sms::why, "the reason for value and range");
}

void settle_sms(const Node& root, Scenario& scenario) {
  const Gpu& gpu = scenario.cluster.gpu;
  const int held = scenario.communication.sms;
  if (held >= gpu.sms) {
    reject(root, "communication.sms", fmt::format("leaves no SM of {} for compute", gpu.name),
           fmt::format("fewer than {}", gpu.sms));
  }
  Assumption<int>& alone = scenario.assumptions.sms_alone;
  for (int* sms : {&alone.value, &alone.low, &alone.high}) {
    *sms = resolved_sms(*sms, gpu.sms, held);
  }
  settle(root, "sms_alone", alone);
  if (alone.high <= gpu.sms) return;
  reject(root, alone.value > gpu.sms ? "assumptions.sms_alone.value" : "assumptions.sms_alone.high",
         fmt::format("more than the {} SMs of {}", gpu.sms, gpu.name),
         fmt::format("\"all\", or at most {}", gpu.sms));
}

}  // namespace

Fields<Assumptions> assumptions_fields() {
  return Fields<Assumptions>("assumptions")
      .table("routing_deviation", &Assumptions::routing_deviation,
             assumption_fields<double>("routing_deviation", between(0, 2)),
             "standard deviation of a rank's routed rows over their mean")
      .table("sms_alone", &Assumptions::sms_alone, sms_fields(),
             "SMs of compute kernels outside overlapped pairs")
      .table("launch_gap", &Assumptions::launch_gap,
             assumption_fields<Seconds>("launch_gap", between(Seconds{0}, Seconds{0.01})),
             "idle time between two kernels of a stream")
      .table("gradient_overlap", &Assumptions::gradient_overlap,
             assumption_fields<double>("gradient_overlap", between(0, 1)),
             "share of gradient communication hidden under compute")
      .table("uptime", &Assumptions::uptime, assumption_fields<double>("uptime", between(0.01, 1)),
             "share of the rented time that trains")
      .table("host_launch", &Assumptions::host_launch,
             assumption_fields<Seconds>("host_launch", between(Seconds{0}, Seconds{0.01})),
             "time of an eager framework's host for each kernel; absent: it never waits for it");
}

void settle_assumptions(const Node& root, Scenario& scenario) {
  Assumptions& all = scenario.assumptions;
  settle(root, "routing_deviation", all.routing_deviation);
  settle_sms(root, scenario);
  settle(root, "launch_gap", all.launch_gap);
  settle(root, "gradient_overlap", all.gradient_overlap);
  settle(root, "uptime", all.uptime);
  if (all.host_launch) settle(root, "host_launch", *all.host_launch);
}

}  // namespace windtunnel
