#include "reports/render/communication_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "reports/render/format.h"
#include "reports/render/svg.h"

namespace windtunnel {
namespace {

constexpr double kLeft = 78;
constexpr double kRight = 96;
constexpr double kRow = 34;
constexpr double kBar = 18;

double hidden(const CommunicationKind& kind) {
  return std::max(kind.total.value - kind.exposed.value, 0.0);
}

std::vector<CommunicationKind> rows(const CommunicationProjection& all) {
  std::vector<CommunicationKind> out = {{"all", all.total, all.exposed, all.waiting}};
  for (const CommunicationKind& kind : all.kinds) {
    out.front().sharing += kind.sharing;
    out.front().beside += kind.beside;
    if (kind.total.value + kind.exposed.value + kind.waiting.value > 0) out.push_back(kind);
  }
  return out;
}

std::string segment(const Box& box, const char* css, const std::string& fill,
                    const std::string& title) {
  if (!(box.width > 0)) return "";
  std::string rect = svg_rect(box, css, title);
  if (!fill.empty()) rect.insert(5, " fill=\"" + fill + "\"");
  return rect;
}

std::string bar(const CommunicationKind& kind, const Scale& scale, double y,
                const std::string& hatch) {
  const auto title = [&](const char* what, double seconds) {
    return fmt::format("{}: {} {}", kind.name, format_seconds({seconds}), what);
  };
  const double start = scale.at(0);
  const double covered = scale.at(hidden(kind));
  const double total = scale.at(hidden(kind) + kind.exposed.value);
  const double waited = scale.at(hidden(kind) + kind.exposed.value + kind.waiting.value);
  std::string out = svg_text(kLeft - 8, y + 13, shorten(kind.name, 11), "label end");
  out += segment({start, y, covered - start, kBar}, "hidden", "",
                 title("hidden behind compute", hidden(kind)));
  out += segment({covered, y, total - covered, kBar}, "exposed", hatch,
                 title("exposed", kind.exposed.value));
  out += segment({total, y + 5, waited - total, kBar - 10}, "waiting", "",
                 title("waiting for the group", kind.waiting.value));
  const std::string value =
      fmt::format("{} hidden", format_percent(share(hidden(kind), kind.total.value)));
  return out + svg_text(waited + 6, y + 13, value, "value");
}

DataTable communication_table(const std::vector<CommunicationKind>& all) {
  DataTable table = {{{"kind", false},
                      {"total, s", true},
                      {"hidden, s", true},
                      {"exposed, s", true},
                      {"waiting, s", true},
                      {"slowed, s", true},
                      {"hidden, %", true}},
                     {}};
  for (const CommunicationKind& kind : all) {
    table.rows.push_back({{kind.name},
                          {format_fixed(kind.total.value, 3)},
                          {format_fixed(hidden(kind), 3)},
                          {format_fixed(kind.exposed.value, 3)},
                          {format_fixed(kind.waiting.value, 3)},
                          {format_fixed(kind.sharing.value + kind.beside.value, 3)},
                          {format_percent(share(hidden(kind), kind.total.value))}});
  }
  return table;
}

}  // namespace

Figure communication_figure(const CommunicationProjection& communication, const std::string& id) {
  const std::vector<CommunicationKind> all = rows(communication);
  double longest = 0;
  for (const CommunicationKind& kind : all) {
    longest = std::max(longest, hidden(kind) + kind.exposed.value + kind.waiting.value);
  }
  const std::string hatch = fmt::format("url(#{}-exposed)", id);
  const Legend legend = svg_legend({{"hidden behind compute", "hidden", ""},
                                    {"exposed", "exposed", hatch},
                                    {"waiting for the group", "waiting", ""}},
                                   kLeft, 2, kHalfWidth - kLeft);
  const double top = legend.height + 8;
  const double bottom = top + static_cast<double>(all.size()) * kRow;
  const Scale scale = {0, longest, kLeft, kHalfWidth - kRight};

  std::string body = svg_hatch(id + "-exposed", "exposed-hatch") + legend.body;
  body += svg_axis(scale, top, bottom, "seconds of a step, mean over the GPUs", format_fixed);
  double y = top + 8;
  for (const CommunicationKind& kind : all) {
    body += bar(kind, scale, y, hatch);
    y += kRow;
  }
  const SvgFrame frame = {
      id, "Communication of a GPU in a step",
      fmt::format("Bars by kind. Of {} in all, {} is exposed; {} is spent waiting for the group.",
                  format_seconds(communication.total), format_seconds(communication.exposed),
                  format_seconds(communication.waiting)),
      kHalfWidth, bottom + 38};
  return {
      "Communication, hidden and exposed",
      "Exposed communication leaves the compute stream idle; hidden communication costs nothing "
      "but the SMs it holds. Waiting is the time until the whole group has arrived.",
      svg_document(frame, body), communication_table(all), false};
}

}  // namespace windtunnel
