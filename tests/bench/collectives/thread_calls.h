// What MPI does between processes, between threads: each rank reads what the others give.
#pragma once

#include "bench/collectives/host_attempt.h"
#include "bench/collectives/thread_control.h"

namespace windtunnel::bench {

/// What each rank shows the others while they are all in one call.
struct Shown {
  std::vector<const HostCalls::Elements*> given;
  std::vector<const Ports*> ports;
};

inline HostCalls thread_calls(const Control& control, Shown& shown) {
  using Elements = HostCalls::Elements;
  const auto show = [=, &shown](const Elements& given, const Ports* ports, const auto& read) {
    shown.given[static_cast<std::size_t>(control.rank)] = &given;
    shown.ports[static_cast<std::size_t>(control.rank)] = ports;
    control.barrier();
    read();
    control.barrier();
  };
  const auto sum = [=, &shown](Elements& received, std::size_t first) {
    for (std::size_t i = 0; i < received.size(); ++i) {
      received[i] = 0;
      for (const Elements* it : shown.given) {
        received[i] = static_cast<std::uint16_t>(received[i] + (*it)[first + i]);
      }
    }
  };
  return {
      .all_gather =
          [=, &shown](const Elements& given, Elements& received) {
            show(given, nullptr, [&] {
              received.clear();
              for (const Elements* it : shown.given) {
                received.insert(received.end(), it->begin(), it->end());
              }
            });
          },
      .all_reduce = [=](const Elements& given,
                        Elements& received) { show(given, nullptr, [&] { sum(received, 0); }); },
      .reduce_scatter =
          [=](const Elements& given, Elements& received) {
            show(given, nullptr,
                 [&] { sum(received, static_cast<std::size_t>(control.rank) * received.size()); });
          },
      .all_to_all =
          [=, &shown](const Elements& given, Elements& received, const Ports& ports) {
            const auto own = static_cast<std::size_t>(control.rank);
            show(given, &ports, [&] {
              for (std::size_t from = 0; from < shown.given.size(); ++from) {
                const Ports& other = *shown.ports[from];
                std::copy_n(shown.given[from]->begin() + other.send_offsets[own],
                            other.send_counts[own], received.begin() + ports.receive_offsets[from]);
              }
            });
          }};
}

/// `body(communicator)` on each of `ranks` threads.
inline void run_on_threads(int ranks, const std::function<void(const Communicator&)>& body) {
  const auto count = static_cast<std::size_t>(ranks);
  Shown shown{std::vector<const HostCalls::Elements*>(count), std::vector<const Ports*>(count)};
  run_threads(ranks, [&](const Control& control) {
    body({.control = control,
          .machine = {.gpu = {},
                      .device = "threads",
                      .driver = "none",
                      .cuda = "none",
                      .sms = 0,
                      .default_mhz = 0,
                      .l2 = {0}},
          .backend = "threads",
          .nodes = 1,
          .first_rank = 0,
          .start = [&](const CollectiveCase& it, std::string& /*why*/) {
            return std::optional(host_attempt(it, control, thread_calls(control, shown)));
          }});
  });
}

}  // namespace windtunnel::bench
