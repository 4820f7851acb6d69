// Numbers of SMs as a scenario writes them: words that hold on any GPU, or a number.
#pragma once

#include "simulator/base/fields.h"

namespace windtunnel {

/// `"all"`, `"all but communication.sms"` or a number from 1 to 1024; the words are read as numbers
/// below 1 until resolved_sms() knows the GPU.
Form<int> sm_count_form();

/// The SMs that `written` means on a GPU with `gpu_sms`, of which communication may hold some.
int resolved_sms(int written, int gpu_sms, int communication_sms);

}  // namespace windtunnel
