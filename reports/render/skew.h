// How unlike ranks are and what failures take, for people and for programs.
#pragma once

#include <string>

#include "reports/render/json_parts.h"
#include "simulator/analysis/projection.h"

namespace windtunnel {

/// Lines about loads of ranks, the balancer, slow GPUs and jitter, with an empty line last; nothing
/// without skew.
std::string render_skew(const Projection& projection);

OrderedJson skew_json(const SkewProjection& skew);

/// Where a month goes: at the interval between checkpoints that the run has, and at the best one.
std::string render_month(const GoodputProjection& goodput);

OrderedJson goodput_json(const GoodputProjection& goodput);

}  // namespace windtunnel
