#include "reports/render/html.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <vector>

#include "reports/render/json.h"
#include "tests/analysis/deployment.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

void make_hostile(std::string& text) { text = "<script>alert('&\"')</script>\x01]]>"; }

Projection hostile_projection() {
  Projection p = sample_projection({4, 10});
  for (std::string* text :
       {&p.scenario.path, &p.scenario.name, &p.scenario.kind, &p.scenario.model, &p.scenario.gpu,
        &p.scenario.schedule, &p.engine.fidelity, &p.run->stages[0].name,
        &p.run->stages[0].schedule, &p.provenance.outside_range[0], &p.inputs[0].path,
        &p.inputs[0].hash, &p.terms[0].phase, &p.terms[0].layer, &p.terms[0].kernel,
        &p.terms[0].price.provenance.source, &p.timeline[0].kind, &p.communication.kinds[0].name}) {
    make_hostile(*text);
  }
  for (RankMemory& rank : p.memory.ranks) {
    make_hostile(rank.parts[0].name);
    make_hostile(rank.parts[0].why);
  }
  AssumptionEffect& a = p.provenance.assumptions[0];
  for (std::string* text : {&a.what, &a.value, &a.range, &a.why}) make_hostile(*text);
  ComparisonRow& row = p.published[0];
  for (std::string* text :
       {&row.model, &row.quantity, &row.unit, &row.provenance, &row.source, &row.reason}) {
    make_hostile(*text);
  }
  return p;
}

TEST(Html, ThePageIsWellFormed) {
  EXPECT_EQ(markup_problem(render_html({sample_projection()}, kSampleBuild)), "");
  EXPECT_EQ(markup_problem(render_html({sample_projection({4, 10})}, kSampleBuild)), "");
  EXPECT_EQ(markup_problem(render_html({empty_projection()}, kSampleBuild)), "");
  EXPECT_EQ(markup_problem(render_html({}, kSampleBuild)), "");
}

TEST(Html, HostileNamesStayText) {
  const std::string page = render_html({hostile_projection()}, kSampleBuild);
  EXPECT_EQ(markup_problem(page), "");
  EXPECT_EQ(occurrences(page, "<script>"), 0);
  EXPECT_EQ(occurrences(page, "</script>"), 1);  // of the embedded document
}

TEST(Html, NothingIsLoadedFromElsewhere) {
  std::string page = render_html({sample_projection()}, kSampleBuild);
  const std::string xmlns = "xmlns=\"http://www.w3.org/2000/svg\"";
  for (std::size_t at = page.find(xmlns); at != std::string::npos; at = page.find(xmlns)) {
    page.erase(at, xmlns.size());
  }
  page = std::regex_replace(page, std::regex("<a href=\"https://"), "");
  for (const char* reference : {"http:", "https:", "src=", "@import", "<link", "url(//"}) {
    EXPECT_EQ(occurrences(page, reference), 0) << reference;
  }
  const std::regex url("url\\(([^)])");
  for (std::sregex_iterator it(page.begin(), page.end(), url), end; it != end; ++it) {
    EXPECT_EQ((*it)[1], "#");
  }
}

TEST(Html, EveryFigureHasATitleADescriptionAndATable) {
  const std::string page = render_html({sample_projection()}, kSampleBuild);
  const int figures = occurrences(page, "<svg ");
  EXPECT_GE(figures, 5);
  EXPECT_GE(occurrences(page, "<title"), figures);
  EXPECT_EQ(occurrences(page, "<desc "), figures);
  EXPECT_EQ(occurrences(page, "role=\"img\" viewBox"), figures);
  // A drawing for narrow windows has no table of its own.
  const int narrow = occurrences(page, "<div class=\"narrow\"><svg ");
  EXPECT_EQ(narrow, 1);
  EXPECT_EQ(occurrences(page, "<summary>The same as a table</summary>"), figures - narrow);
}

/// Ids that are there twice, and references that lead to none.
std::vector<std::string> broken_references(const std::string& page) {
  std::vector<std::string> broken;
  std::set<std::string> ids;
  const std::regex id(" id=\"([^\"]*)\"");
  for (std::sregex_iterator it(page.begin(), page.end(), id), end; it != end; ++it) {
    if (!ids.insert((*it)[1]).second) broken.push_back((*it)[1]);
  }
  const std::regex reference("(?:url\\(#|href=\"#)([^\")]*)");
  for (std::sregex_iterator it(page.begin(), page.end(), reference), end; it != end; ++it) {
    if (ids.count((*it)[1]) == 0) broken.push_back((*it)[1]);
  }
  return broken;
}

TEST(Html, EveryIdIsThereOnceAndEveryReferenceLeadsToOne) {
  using Broken = std::vector<std::string>;
  const Projection small = sample_projection({4, 10});
  EXPECT_EQ(broken_references(render_html({sample_projection(), small}, kSampleBuild)), Broken{});
  // Past the page's bound sections are cards.
  const std::vector<Projection> many(12, sample_projection());
  const std::string full =
      render_html(many, {small_deployment(), small_deployment()}, kSampleBuild);
  EXPECT_GE(occurrences(full, "This page was full"), 2);
  EXPECT_EQ(broken_references(full), Broken{});
}

TEST(Html, TheDocumentIsEmbeddedWhole) {
  Projection projection = sample_projection({4, 10});
  projection.scenario.name = "a <b> & 'c'\n  d";
  const std::string page = render_html({projection}, kSampleBuild);
  const std::string opening = "<script type=\"application/json\" id=\"data\">";
  const std::size_t begin = page.find(opening) + opening.size();
  const std::string data = page.substr(begin, page.find("</script>", begin) - begin);
  EXPECT_EQ(nlohmann::json::parse(data),
            nlohmann::json::parse(render_json(projection, kSampleBuild)));
}

// The bounds of the requirement: a page of one is read at once, and no page is ever past 1 MB.
TEST(Html, PagesStaySmall) {
  EXPECT_LT(render_html({sample_projection()}, kSampleBuild).size(), 500'000U);
  EXPECT_LT(render_html(std::vector<Projection>(30, sample_projection()), kSampleBuild).size(),
            1'000'000U);
  EXPECT_LT(
      render_html(std::vector<Projection>(5, sample_projection({64, 256})), kSampleBuild).size(),
      1'000'000U);
}

TEST(Html, NoNumberIsMissing) {
  for (const Projection& projection : {sample_projection(), empty_projection()}) {
    const std::string page = render_html({projection}, kSampleBuild);
    EXPECT_FALSE(std::regex_search(page, std::regex("\\b(nan|inf|n/a)\\b")));
  }
}

TEST(Html, AKeyboardReachesTheResultsFirst) {
  const std::string page = render_html({sample_projection({4, 10})}, kSampleBuild);
  EXPECT_LT(page.find("<a class=\"skip\" href=\"#main\">"), page.find("<main id=\"main\">"));
  EXPECT_EQ(occurrences(page, "class=\"scroll\""), occurrences(page, "tabindex=\"0\""));
}

TEST(Html, SeveralScenariosBeginWithOneTable) {
  const std::string page =
      render_html({sample_projection({4, 10}), sample_projection({6, 14})}, kSampleBuild);
  EXPECT_NE(page.find("<h1>2 scenarios side by side</h1>"), std::string::npos);
  EXPECT_EQ(occurrences(page, "<section "), 2);
}

}  // namespace
}  // namespace windtunnel
