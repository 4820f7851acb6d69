#include "reports/render/page.h"

#include <fmt/format.h>

#include "reports/render/page_style.h"
#include "reports/render/svg.h"

namespace windtunnel {

std::string page_head(std::string_view title) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<title>{} - Windtunnel</title>\n<style>{}</style>\n</head>\n<body>\n"
      "<a class=\"skip\" href=\"#main\">To the results</a>\n<main id=\"main\">\n",
      escape(title), page_style());
}

std::string page_foot(std::string_view notes, const BuildVersion& build) {
  return fmt::format("</main>\n<footer>{}<p>Windtunnel {} ({}).</p></footer>\n</body>\n</html>\n",
                     notes, escape(build.version), escape(build.commit));
}

}  // namespace windtunnel
