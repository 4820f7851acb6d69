#include "reports/render/table.h"

#include <fmt/format.h>

#include <cstddef>

#include "reports/render/svg.h"

namespace windtunnel {
namespace {

std::string cell(const DataCell& value, const DataColumn& column) {
  const std::string content =
      value.badge.empty() ? escape(value.text) : render_badge(value.text, value.badge);
  return fmt::format("<td{}>{}</td>", column.numeric ? " class=\"n\"" : "", content);
}

}  // namespace

std::string render_badge(const std::string& text, const std::string& css) {
  return fmt::format("<span class=\"badge {}\">{}</span>", escape(css), escape(text));
}

std::string render_table(const DataTable& table) {
  std::string out = "<div class=\"scroll\"><table><thead><tr>";
  for (const DataColumn& column : table.columns) {
    out += fmt::format("<th scope=\"col\"{}>{}</th>", column.numeric ? " class=\"n\"" : "",
                       escape(column.name));
  }
  out += "</tr></thead><tbody>\n";
  for (const std::vector<DataCell>& row : table.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) out += cell(row[i], table.columns[i]);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string render_figure(const Figure& figure) {
  return fmt::format(
      "<figure class=\"{}\"><h3>{}</h3>\n<div class=\"scroll\">{}</div>\n<figcaption>{}"
      "</figcaption>\n<details><summary>The same as a table</summary>\n{}</details></figure>\n",
      figure.wide ? "wide" : "half", escape(figure.heading), figure.svg, escape(figure.caption),
      render_table(figure.table));
}

}  // namespace windtunnel
