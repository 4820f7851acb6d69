// Which program wrote a document.
#pragma once

#include <string>

namespace windtunnel {

/// The program's release, such as "0.1.0", and the commit it was built from ("unknown" outside
/// git).
struct BuildVersion {
  std::string version;
  std::string commit;
};

}  // namespace windtunnel
