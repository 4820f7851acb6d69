// The style sheet of the page.
#pragma once

#include <string>

namespace windtunnel {

/// CSS for light, dark and paper; the palette is Okabe and Ito's, which colour-blind readers can
/// tell apart, and nothing rests on hue alone.
std::string page_style();

}  // namespace windtunnel
