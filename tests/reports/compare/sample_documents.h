// Two projections of a few fields.
#pragma once

#include <string>

#include "reports/compare/json_file.h"

namespace windtunnel {

/// What differs between documents: GPU hours, a term's launches, price and source, an input's hash,
/// the commit, an assumption.
struct SampleDocument {
  std::string hours = "100.5";
  std::string launches = "2";
  std::string price = "0.5";
  std::string source = "table a";
  std::string hash = "h1";
  std::string commit = "c1";
  std::string gap = "2 us";
  std::string engine = "1";
};

inline JsonFile document_of(const SampleDocument& it) {
  return parse_json(
      R"({"schema": "windtunnel/projection", "version": 1, "windtunnel": {"version": "0.1",
          "commit": ")" +
          it.commit + R"("}, "inputs": [{"path": "m.csv", "hash": ")" + it.hash +
          R"("}], "scenario": {"name": "V3"}, "run": {"gpu_hours": )" + it.hours +
          R"(}, "provenance": {"assumptions": [{"what": "launch_gap", "value": ")" + it.gap +
          R"("}]}, "terms": [{"phase": "F", "kernel": "gemm", "launches": )" + it.launches +
          R"(, "time_s": )" + it.price + R"(, "time_in_step_s": )" + it.launches +
          R"(, "source": ")" + it.source + R"("}], "engine": {"wall_s": )" + it.engine + "}}",
      "p.json");
}

}  // namespace windtunnel
