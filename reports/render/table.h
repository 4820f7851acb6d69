// Tables of the page: the same data as the figures, for a screen reader, a printer and a diff.
#pragma once

#include <string>
#include <vector>

namespace windtunnel {

struct DataColumn {
  std::string name;
  bool numeric;  ///< aligned to the right, figures of equal width
};

/// Plain text; `badge` (a CSS class such as "measured") frames it, nothing when empty; `to` is the
/// id that it leads to. `source` words get links to the papers and repositories that they name.
struct DataCell {
  std::string text;
  std::string badge = {};
  std::string to = {};
  bool source = false;
};

struct DataTable {
  std::vector<DataColumn> columns;
  std::vector<std::vector<DataCell>> rows;  ///< every row as long as `columns`, its name first
  std::string name = {};                    ///< what a screen reader calls it
  std::string row_id = {};                  ///< rows get the ids `row_id`-1, -2, ...
};

/// A figure of the page with what stands around it.
struct Figure {
  std::string heading;
  std::string caption;
  std::string svg;
  DataTable table;
  bool wide;                ///< takes the page's whole width
  std::string narrow = {};  ///< a drawing that narrow windows show above `svg`, which scrolls there
};

/// The <table>, everything escaped, in a box that scrolls sideways where it must, by keyboard too.
std::string render_table(const DataTable& table);

/// The <figure> with heading, drawing, caption and its table folded away below.
std::string render_figure(const Figure& figure);

/// A small framed word, such as the basis of a number; a link where it leads to an id.
std::string render_badge(const std::string& text, const std::string& css,
                         const std::string& to = "");

}  // namespace windtunnel
