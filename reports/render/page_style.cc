#include "reports/render/page_style.h"

#include <string_view>

namespace windtunnel {
namespace {

// Okabe and Ito's eight, and a ground and an ink for each badge.
constexpr std::string_view kColours = R"css(
:root{color-scheme:light dark;
--page:#fbfbfa;--card:#fff;--ink:#1b1f24;--soft:#5b6470;--line:#dfe2e6;--grid:#e6e8eb;
--accent:#0072b2;
--forward:#56b4e9;--backward:#d55e00;--backward-input:#e69f00;--weight:#f0e442;--overlapped:#0072b2;
--optimizer:#cc79a7;--green:#009e73;--hatch-ground:#f1f2f3;--hatch-line:#b4bac2;--second:#1b1f24;
--good:#00684c;--bad:#b03a00;--good-ground:#e2f3ee;--bad-ground:#fbe9df;--plain-ground:#eef0f2;
--scaled-ground:#e2f0fa;--scaled:#00568a;--estimated-ground:#fdf2d9;--estimated:#7a5200;
--assumed-ground:#f7e8f0;--assumed:#8a3a66}
@media (prefers-color-scheme:dark){:root{
--page:#14171a;--card:#1c2024;--ink:#e7eaed;--soft:#a0a9b3;--line:#343a41;--grid:#2b3036;
--accent:#6cc0f0;
--overlapped:#2f8fc9;--hatch-ground:#22262b;--hatch-line:#545c65;--second:#0c0e10;
--good:#6fd6b5;--bad:#ff9d66;--good-ground:#12352b;--bad-ground:#43220f;--plain-ground:#2a2f35;
--scaled-ground:#12324a;--scaled:#8fd0f7;--estimated-ground:#3d300f;--estimated:#f1cd75;
--assumed-ground:#42233a;--assumed:#f0b4d4}}
)css";

constexpr std::string_view kPage = R"css(
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;
font-variant-numeric:tabular-nums}
main,footer{max-width:1840px;margin:0 auto;padding:0 clamp(16px,3vw,48px)}
main{padding-top:36px}
h1{font-size:26px;line-height:1.25;font-weight:650;margin:0 0 6px;overflow-wrap:anywhere}
h2{font-size:19px;font-weight:650;margin:48px 0 14px;padding-top:14px;
border-top:1px solid var(--line)}
h3{font-size:15px;font-weight:650;margin:0 0 12px}
p{margin:6px 0;max-width:78ch}
.soft,figcaption,footer{color:var(--soft)}
nav{margin:14px 0 0}nav a{margin-right:16px;color:var(--accent);text-decoration:none;
white-space:nowrap}
nav a:hover{text-decoration:underline}
.cards{display:grid;grid-template-columns:repeat(3,1fr);gap:14px;margin:22px 0 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 16px 13px;
display:flex;flex-direction:column;gap:2px}
.card .what{color:var(--soft);font-size:13px}
.card .number{font-size:27px;line-height:1.2;font-weight:600;letter-spacing:-.01em}
.card .range{font-size:13px;color:var(--soft)}
.card .basis{margin-top:auto;padding-top:8px}
.badge{display:inline-block;padding:0 7px;border-radius:4px;font-size:12px;line-height:1.6;
white-space:nowrap;
background:var(--plain-ground);color:var(--soft)}
.badge.measured,.badge.good{background:var(--good-ground);color:var(--good)}
.badge.scaled{background:var(--scaled-ground);color:var(--scaled)}
.badge.estimated{background:var(--estimated-ground);color:var(--estimated)}
.badge.assumed{background:var(--assumed-ground);color:var(--assumed)}
.badge.bad{background:var(--bad-ground);color:var(--bad);font-weight:600}
a.badge{text-decoration:none}a.badge::after{content:" \203a"}
a.badge:hover{text-decoration:underline}
main a:not(.badge){color:var(--accent)}
:target{scroll-margin-top:12px}tr:target,figure:target{outline:2px solid var(--accent)}
.skip{position:absolute;left:-999px}.skip:focus{left:12px;top:8px;background:var(--card);
padding:6px 12px;border:2px solid var(--accent);z-index:1}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,500px),1fr));gap:20px}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:8px;
padding:18px 20px;min-width:0}
figure.wide{grid-column:1/-1}
figcaption{font-size:13px;margin-top:10px;max-width:78ch}
.scroll{overflow-x:auto}
figure svg{display:block;width:100%;height:auto;min-width:300px;max-width:600px}
figure.wide .scroll svg{min-width:940px;max-width:none}.narrow{display:none}
figure>.scroll>table{width:100%}
details{margin-top:10px;font-size:13px}summary{cursor:pointer;color:var(--accent)}
details .scroll{max-height:460px;overflow:auto;margin-top:8px}
table{width:max-content;max-width:100%;border-collapse:collapse;font-size:13px;line-height:1.45}
th,td{text-align:left;padding:5px 18px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
th[scope=col]{font-weight:600;color:var(--soft);border-bottom-color:var(--soft);
vertical-align:bottom}
th[scope=row]{font-weight:400}
td.n,th.n{text-align:right}td.n{white-space:nowrap}
td:not(.n),th[scope=row]:not(.n){min-width:12ch;max-width:46ch;overflow-wrap:break-word}
section~section,nav+section,figure+section,.scroll+section{margin-top:64px}
.scroll+figure,.scroll+.scroll{margin-top:18px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 20px;margin:0;font-size:14px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.short{margin-top:14px;font-size:15px;gap:6px 22px;max-width:108ch}.short dt{font-weight:600}
.shares{display:flex;height:22px;border-radius:4px;overflow:hidden;max-width:720px;
margin:10px 0 8px;
border:1px solid var(--line)}
.shares span{min-width:0}
.s-measured{background:var(--green)}
.s-scaled{background:repeating-linear-gradient(90deg,var(--forward) 0 7px,var(--card) 7px 8px)}
.s-estimated{background:repeating-linear-gradient(45deg,var(--backward-input) 0 4px,
var(--card) 4px 7px)}
footer{font-size:13px;margin-top:48px;padding-top:14px;padding-bottom:40px;
border-top:1px solid var(--line)}
)css";

constexpr std::string_view kDrawings = R"css(
code{font:12px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
svg text{font-size:11px;fill:var(--ink)}
svg .label{font-size:12px}svg .tick{fill:var(--soft)}svg .value{font-size:11px}
svg .strong{font-size:12px;font-weight:600}
svg .end{text-anchor:end}svg .middle{text-anchor:middle}
svg .halo{paint-order:stroke;stroke:var(--card);stroke-width:3px}
.grid{stroke:var(--grid)}.axis{stroke:var(--soft)}
.capacity{stroke:var(--ink);stroke-width:1.6;stroke-dasharray:5 3}
.whisker{stroke:var(--ink);stroke-width:1.6}
.hatch-ground{fill:var(--hatch-ground)}.hatch-line{stroke:var(--hatch-line);stroke-width:2}
.exposed-hatch-ground{fill:var(--backward)}.exposed-hatch-line{stroke:var(--card);stroke-width:3}
.bubble{stroke:var(--hatch-line);stroke-width:.6}.exposed{stroke:var(--backward);stroke-width:.8}
.forward{fill:var(--forward)}.backward{fill:var(--backward)}.backward-input{
fill:var(--backward-input)}
.weight{fill:var(--weight)}.overlapped{fill:var(--overlapped)}.optimizer{fill:var(--optimizer)}
.other{fill:var(--soft)}.second{fill:var(--second);fill-opacity:.72;stroke:var(--soft);
stroke-width:.6}
.second-line{fill:none;stroke:var(--second);stroke-opacity:.72;stroke-width:2;pointer-events:none}
.wide-line{stroke-width:2.5}
.hidden{fill:var(--forward)}.waiting{fill:none;stroke:var(--soft);stroke-dasharray:3 2}
.shorter{fill:var(--overlapped)}.longer{fill:var(--backward-input)}
.tolerance{fill:var(--green);fill-opacity:.16}
.shorter-ground{fill:var(--overlapped)}.longer-ground{fill:var(--backward-input)}
.backward-line,.backward-input-line{stroke:var(--card);stroke-opacity:.36;stroke-width:1.3}
.shorter-line,.longer-line,.p1-line,.p3-line,.p5-line,
.p7-line{stroke:var(--card);stroke-opacity:.62;stroke-width:1.5}
.backward-ground{fill:var(--backward)}.backward-input-ground{fill:var(--backward-input)}
.p1-ground{fill:#e69f00}.p3-ground{fill:#009e73}.p5-ground{fill:#cc79a7}.p7-ground{fill:#8a929b}
.part{stroke:var(--card);stroke-width:.7}
.roof{stroke:var(--ink);stroke-width:1.6}
.roof-fp8{fill:var(--backward);stroke:var(--backward)}
.roof-bf16{fill:var(--overlapped);stroke:var(--overlapped)}
.roof-fp32{fill:var(--green);stroke:var(--green)}
path[class^=roof-]{fill-opacity:.62;stroke-width:1.1}path.hollow{fill-opacity:0}
.projected{fill:var(--overlapped)}
.dot{stroke:var(--card);stroke-width:1}.within{fill:var(--green)}.outside{fill:var(--backward)}
.spark{fill:none;stroke:var(--accent);stroke-width:1.4}
td svg{display:block;width:240px;height:36px}
.open{fill:var(--card);stroke:var(--soft);stroke-width:1.8}
svg [class^=on-]{font-size:9.5px;text-anchor:middle;pointer-events:none;fill:#10141a}
svg .on-overlapped,svg .on-backward{fill:#fff}
.c0{fill:#0072b2}.c1{fill:#e69f00}.c2{fill:#56b4e9}.c3{fill:#009e73}
.c4{fill:#f0e442}.c5{fill:#cc79a7}.c6{fill:#d55e00}.c7{fill:#8a929b}.pale{fill-opacity:.5}
rect[class^=c]{stroke:var(--card);stroke-width:.7}
)css";

// Wide and narrow windows, and paper.
constexpr std::string_view kMedia = R"css(
@media (min-width:1700px){.cards{grid-template-columns:repeat(6,1fr)}}
@media (max-width:900px){.cards{grid-template-columns:1fr 1fr}}
@media (max-width:700px){.short{grid-template-columns:1fr}.short dd{margin-bottom:6px}}
@media (max-width:640px){.narrow{display:block;margin-bottom:14px}}
@media (max-width:560px){main,footer{padding:0 10px}main{padding-top:20px}
.cards{gap:10px}.card{padding:11px 12px}.card .number{font-size:22px}
h1{font-size:21px}figure{padding:12px 5px}dl{grid-template-columns:1fr}
figcaption,figure h3,figure details{padding:0 6px}}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;
--grid:#e4e4e4;--accent:#00517f;--hatch-ground:#f1f2f3;--hatch-line:#a4aab2;--second:#1b1f24;
--good:#00684c;--bad:#b03a00;--good-ground:#fff;--bad-ground:#fff;--plain-ground:#fff;
--scaled-ground:#fff;--scaled:#00568a;--estimated-ground:#fff;--estimated:#7a5200;
--assumed-ground:#fff;--assumed:#8a3a66;--overlapped:#0072b2}
body{font-size:11px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
main,footer{padding-left:0;padding-right:0}main{padding-top:0}
h1{font-size:19px}h2{font-size:14px}.short{font-size:11px}figcaption,p,.soft{font-size:9.5px}
.card{padding:8px 10px}.card .number{font-size:19px}.card .what,.card .range{font-size:10px}
.cards{gap:8px;margin-top:12px}.badge{font-size:9px}figure h3{font-size:12px;margin-bottom:6px}
nav,.skip,figure details{display:none}summary{list-style:none;color:var(--ink)}
.badge{border:1px solid currentColor}h2{break-after:avoid;margin-top:22px}
figure,.card,tr{break-inside:avoid}figure{padding:10px}table{width:100%;font-size:9px}
figure svg,figure.wide .scroll svg{min-width:0;max-width:none}.narrow{display:none}
figure.half svg{max-width:296px}
.scroll,details .scroll{overflow:visible;max-height:none}th,td{padding-right:8px}
section~section{break-before:page;margin-top:0}
.cards{grid-template-columns:repeat(3,1fr)}.figures{grid-template-columns:1fr 1fr;gap:10px}
h2{margin-top:16px;padding-top:8px;margin-bottom:8px}}
@page{margin:12mm}
)css";

}  // namespace

std::string page_style() {
  std::string css;
  for (const std::string_view part : {kColours, kPage, kDrawings, kMedia}) css += part;
  return css;
}

}  // namespace windtunnel
