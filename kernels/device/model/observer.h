// Which accesses happened before the one being made.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/device/model/clock.h"

namespace windtunnel::device::model {

/// Who an access ordered by synchronisation reaches: nobody (a weak access), the CTA, the GPU, or
/// the system. Two strong accesses race only if one does not reach the other.
enum class Strength : std::uint8_t { kWeak, kCta, kGpu, kSys };

/// Epochs of the agents that are one thread: the newest, which its block does not hold yet.
struct OwnEpochs {
  enum Agent : std::uint8_t { kThread, kCopies, kWgmma, kBulk, kBulkRead, kAgents };
  std::array<std::uint16_t, kAgents> agents{};
  std::array<Epoch, kAgents> seen{};
  /// As far as the async proxy may see them.
  std::array<Epoch, kAgents> async{};
};

/// The agent that makes an access: what it knows, and its own epochs if it is a single thread.
class Observer {
 public:
  Observer(const Knowledge& knowledge, const OwnEpochs* own, std::uint32_t cta,
           std::uint16_t launch, std::uint32_t ctas_per_rank)
      : knowledge_{knowledge}, own_{own}, cta_{cta}, launch_{launch}, per_rank_{ctas_per_rank} {}

  /// Whether epoch `epoch` of an agent is ordered before now; through the async proxy if
  /// `by_proxy`.
  bool ordered(std::uint16_t launch, std::uint32_t cta, std::uint16_t agent, Epoch epoch,
               bool by_proxy) const {
    if (launch != launch_) return true;
    const Clock& clock = by_proxy ? knowledge_.async : knowledge_.seen;
    if (clock.of(cta_, cta, agent) >= epoch) return true;
    if (cta != cta_ || own_ == nullptr) return false;
    for (std::size_t i = 0; i < OwnEpochs::kAgents; ++i) {
      if (own_->agents[i] == agent) return (by_proxy ? own_->async : own_->seen)[i] >= epoch;
    }
    return false;
  }

  /// Whether two scopes include each other's CTA.
  bool reaches(Strength a, std::uint32_t cta_a, Strength b, std::uint32_t cta_b) const {
    if (cta_a == cta_b) return true;
    if (a == Strength::kCta || b == Strength::kCta) return false;
    if (cta_a / per_rank_ == cta_b / per_rank_) return true;
    return a == Strength::kSys && b == Strength::kSys;
  }

 private:
  const Knowledge& knowledge_;
  const OwnEpochs* own_;
  std::uint32_t cta_;
  std::uint16_t launch_;
  std::uint32_t per_rank_;
};

}  // namespace windtunnel::device::model
