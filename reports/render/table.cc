#include "reports/render/table.h"

#include <fmt/format.h>

#include <cstddef>

#include "reports/render/links.h"
#include "reports/render/svg.h"

namespace windtunnel {
namespace {

std::string content(const DataCell& value) {
  if (!value.badge.empty()) return render_badge(value.text, value.badge, value.to);
  return value.source ? linked(value.text) : escape(value.text);
}

std::string cell(const DataCell& value, const DataColumn& column, bool names_the_row) {
  const char* css = column.numeric ? " class=\"n\"" : "";
  const std::string inner = content(value);
  return names_the_row ? fmt::format("<th scope=\"row\"{}>{}</th>", css, inner)
                       : fmt::format("<td{}>{}</td>", css, inner);
}

std::string region(const std::string& name, const std::string& inner) {
  return fmt::format(
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">{}</div>\n",
      escape(name), inner);
}

}  // namespace

std::string render_badge(const std::string& text, const std::string& css, const std::string& to) {
  if (to.empty()) {
    return fmt::format("<span class=\"badge {}\">{}</span>", escape(css), escape(text));
  }
  return fmt::format("<a class=\"badge {}\" href=\"#{}\">{}</a>", escape(css), escape(to),
                     escape(text));
}

std::string render_table(const DataTable& table) {
  std::string out = "<table><thead><tr>";
  for (const DataColumn& column : table.columns) {
    out += fmt::format("<th scope=\"col\"{}>{}</th>", column.numeric ? " class=\"n\"" : "",
                       escape(column.name));
  }
  out += "</tr></thead><tbody>\n";
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const std::vector<DataCell>& row = table.rows[i];
    out += table.row_id.empty() ? "<tr>"
                                : fmt::format("<tr id=\"{}-{}\">", escape(table.row_id), i + 1);
    for (std::size_t j = 0; j < row.size(); ++j) out += cell(row[j], table.columns[j], j == 0);
    out += "</tr>\n";
  }
  const std::string name = !table.name.empty()     ? table.name
                           : table.columns.empty() ? std::string("table")
                                                   : "table by " + table.columns[0].name;
  return region(name, out + "</tbody></table>");
}

std::string render_figure(const Figure& figure) {
  DataTable table = figure.table;
  if (table.name.empty()) table.name = figure.heading + ", as a table";
  const std::string narrow =
      figure.narrow.empty() ? "" : "<div class=\"narrow\">" + figure.narrow + "</div>\n";
  return fmt::format(
      "<figure class=\"{}\"><h3>{}</h3>\n{}{}<figcaption>{}</figcaption>\n"
      "<details><summary>The same as a table</summary>\n{}</details></figure>\n",
      figure.wide ? "wide" : "half", escape(figure.heading), narrow,
      region(figure.heading + ", a drawing", figure.svg), escape(figure.caption),
      render_table(table));
}

}  // namespace windtunnel
