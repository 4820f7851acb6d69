#include "simulator/cli/interrupt.h"

#include <atomic>
#include <csignal>

namespace windtunnel {
namespace {

// A signal handler reaches nothing but a global.
std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void note(int) { interrupted = true; }

}  // namespace

std::function<bool()> watch_for_interrupt() {
  struct sigaction action = {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return [] { return interrupted.load(); };
}

}  // namespace windtunnel
