#include "kernels/device/model/report.h"

#include <map>
#include <string_view>

#include "kernels/device/model/text.h"

namespace windtunnel::device::model {

const char* name_of(Wait wait) {
  switch (wait) {
    case Wait::kNothing:
      return "nothing";
    case Wait::kSyncwarp:
      return "syncwarp";
    case Wait::kShuffle:
      return "shuffle";
    case Wait::kVote:
      return "vote";
    case Wait::kElect:
      return "elect";
    case Wait::kLoadMatrix:
      return "ldmatrix";
    case Wait::kStoreMatrix:
      return "stmatrix";
    case Wait::kMma:
      return "mma";
    case Wait::kWgmmaFence:
      return "wgmma_fence";
    case Wait::kWgmma:
      return "wgmma";
    case Wait::kWgmmaCommit:
      return "wgmma_commit";
    case Wait::kWgmmaWait:
      return "wgmma_wait";
    case Wait::kSetRegisters:
      return "setmaxnreg";
    case Wait::kMbarrier:
      return "mbarrier_wait";
    case Wait::kBarrier:
      return "barrier";
    case Wait::kFlag:
      return "wait_flag";
  }
  return "?";
}

std::string Agents::name(std::uint16_t agent) const {
  if (agent < threads) return text("thread ", agent);
  if (agent < wgmma(0)) return text("a copy counted by mbarrier ", agent - threads);
  if (agent < copies(0)) return text("wgmma of warp ", agent - wgmma(0));
  if (agent < bulk(0)) return text("cp.async of thread ", agent - copies(0));
  if (agent < bulk_read(0)) return text("a bulk copy of thread ", agent - bulk(0));
  return text("a bulk copy of thread ", agent - bulk_read(0));
}

std::string describe(const Access& access) {
  const Grid& g = grid();
  static constexpr const char* kScopes[] = {"", " (cta scope)", " (gpu scope)", " (sys scope)"};
  return text(name_of(access.operation), kScopes[static_cast<int>(access.strength)], " by ",
              g.agents.name(access.agent), " of CTA ", access.cta, " at ",
              g.sites.text(access.site));
}

std::string describe(const Conflict& conflict, const Access& access, const std::string& place) {
  switch (conflict.kind) {
    case Conflict::Kind::kUndefined: {
      const std::string writer = conflict.earlier.epoch == 0
                                     ? std::string("nobody wrote it")
                                     : "last: " + describe(conflict.earlier);
      return text("undefined: ", describe(access), " reads ", place, ", which is undefined; ",
                  writer);
    }
    case Conflict::Kind::kBarrier:
      return text(describe(access), " touches ", place, ", which is an mbarrier");
    case Conflict::Kind::kReadOnly:
      return text("not read-only: ", describe(access), " and ", describe(conflict.earlier),
                  " both touch ", place, " in one launch, and the read is a read-only one");
    case Conflict::Kind::kProxy:
      return text("no proxy fence: ", describe(access), " touches ", place, " after ",
                  describe(conflict.earlier), ", but no fence.proxy.async lies between");
    default:
      break;
  }
  const bool strong =
      conflict.earlier.strength != Strength::kWeak && access.strength != Strength::kWeak;
  return text(strong ? "scope too narrow: " : "race: ", describe(access), " and ",
              describe(conflict.earlier), " both touch ", place,
              strong ? ", but one's scope does not reach the other" : ", and nothing orders them");
}

namespace {

std::string waiting(const Thread& thread) {
  std::string what =
      text("warp ", thread.warp->id, " of CTA ", thread.cta->index, ": ", name_of(thread.wait));
  if (thread.wait == Wait::kMbarrier) {
    for (const auto& it : thread.cta->barriers) {
      if (!it->live || it->address != thread.wait_address) continue;
      what += text(" ", it->number, " for parity ", thread.wait_parity, " (phase ", it->phase, ", ",
                   it->pending, " of ", it->count, " arrivals and ", it->bytes, " bytes missing)");
    }
  } else if (thread.wait == Wait::kBarrier) {
    const NamedBarrier& it = thread.cta->named[thread.wait_address];
    what += text(" ", thread.wait_address, " (", it.arrived, " of ", it.expected, " threads)");
  } else if (thread.wait == Wait::kFlag) {
    what += text(" on ", grid().memory.place(thread.wait_flag));
  }
  return text(what, " at ", thread.where.file, ":", thread.where.line);
}

}  // namespace

std::string deadlock() {
  std::map<std::string, int> groups;
  for (const auto& cta : grid().ctas) {
    if (cta == nullptr) continue;
    for (const Thread& thread : cta->threads) {
      if (!thread.done) ++groups[waiting(thread)];
    }
  }
  constexpr int kMostLines = 24;
  std::string all = "deadlock: nobody can go on";
  int lines = 0;
  for (const auto& [what, threads] : groups) {
    if (++lines > kMostLines) break;
    all += text("\n    ", threads, threads == 1 ? " thread" : " threads", ", ", what);
  }
  if (lines > kMostLines) all += text("\n    and ", groups.size() - kMostLines, " more");
  return all;
}

std::string failure(const std::string& sentence) {
  const Grid& g = grid();
  std::string all = text(sentence, "\n  kernel ", g.kernel);
  if (g.running != nullptr) {
    const Thread& it = *g.running;
    all += text(", CTA ", it.cta->index, ", thread ", it.id, " (warp ", it.warp->id, ", lane ",
                it.lane, ") at ", it.where.file, ":", it.where.line);
  }
  all += text(", seed ", g.options.seed);
  if (!g.options.replay.empty()) {
    all += text("\n  replay: WINDTUNNEL_DEVICE_SEED=", g.options.seed, " ", g.options.replay);
  }
  return all;
}

}  // namespace windtunnel::device::model
