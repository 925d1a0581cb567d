// SPDX-License-Identifier: Apache-2.0
#include "report/style_sheet.h"

namespace lab::report {

// Good is blue and bad is orange: told apart by the colour-blind, and in grey.
const char* const report_style = R"(
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--dim:#5b6470;--line:#d8dde3;--soft:#f4f6f8;
--good:#1767b5;--bad:#b8480b;--skip:#7a7f87;--chance:#7a3fb0;--build:#bcd3ea;--install:#d6d0ee;
--test:#cfe3c4;--root:#e4ddd0}
@media(prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e4e8ec;--dim:#9aa4b0;--line:#353c45;
--soft:#1d2127;--good:#68b2f5;--bad:#f59a5a;--skip:#9aa0a8;--chance:#c295f0;--build:#2c4a69;
--install:#443a6b;--test:#37552b;--root:#534a39}}
*{box-sizing:border-box}
body{margin:0 auto;padding:20px 16px 40px;max-width:860px;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif;overflow-wrap:break-word}
h1{font-size:1.5rem;line-height:1.25;margin:.2em 0}
h2{font-size:1.15rem;margin:2em 0 .5em;padding-bottom:.2em;border-bottom:1px solid var(--line)}
p{margin:.5em 0}
code,pre,.hash{font-family:ui-monospace,monospace}
pre{background:var(--soft);padding:10px 12px;border-radius:6px;overflow-x:auto;font-size:.82rem;
line-height:1.45;margin:.5em 0;white-space:pre-wrap}
.dim,figcaption{color:var(--dim);font-size:.9rem}
.facts{display:flex;flex-wrap:wrap;gap:10px 32px;margin:1em 0}
.facts div{min-width:130px}
.facts b{display:block;font-size:1.3rem;font-weight:600}
.cards{border-left:4px solid var(--bad);padding:2px 0 2px 14px;margin:1em 0}
table{border-collapse:collapse;width:100%;font-size:.9rem}
td,th{text-align:left;padding:4px 10px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}
td.free{overflow-wrap:anywhere}
td.number,th.number{text-align:right;white-space:nowrap}
.plus{color:var(--good)}.minus{color:var(--bad)}
details{border-bottom:1px solid var(--line);padding:6px 0}
summary{cursor:pointer}
.chip{display:inline-block;min-width:3.2em;text-align:center;border-radius:4px;font-size:.8rem;
padding:0 6px;margin-right:6px;border:1px solid currentColor}
.chip.good{color:var(--good)}.chip.bad{color:var(--bad)}.chip.skip,.chip.open{color:var(--skip)}
figure{margin:1em 0}
svg{display:block;width:100%;height:auto}
svg text{font:12px system-ui,sans-serif;fill:var(--ink)}
svg text.mark{fill:var(--dim)}
svg text.hash{font:12px ui-monospace,monospace}
svg text.within{font:11px ui-monospace,monospace}
svg text.good{fill:var(--good)}svg text.bad{fill:var(--bad)}
svg text.skip,svg text.open{fill:var(--skip)}
svg text.name{font-weight:600}
.grid,.row{stroke:var(--line)}.row{stroke-dasharray:1 3}
.axis{stroke:var(--dim)}
.level{stroke-dasharray:5 4;stroke-width:1.5}
.level.good,.interval.good,.mean.good{stroke:var(--good)}
.level.bad,.interval.bad,.mean.bad{stroke:var(--bad)}
.interval.skip,.interval.open,.mean.skip,.mean.open{stroke:var(--skip)}
.interval{stroke-width:5;opacity:.4}.mean{stroke-width:2}
.dot{stroke:var(--paper);stroke-width:.5}
.dot.good{fill:var(--good)}.dot.bad{fill:var(--bad)}.dot.skip,.dot.open{fill:var(--skip)}
.chance{fill:var(--chance)}
.curve{fill:none;stroke:var(--chance);stroke-width:2}
.span{stroke:var(--dim);stroke-width:.5}
.span.root{fill:var(--root)}.span.build{fill:var(--build)}.span.install{fill:var(--install)}
.span.test{fill:var(--test)}.span.unfinished{opacity:.45;stroke-dasharray:3 2}
.narrow{display:none}
@media(max-width:560px){.wide{display:none}.narrow{display:block}h1{font-size:1.25rem}
td,th{padding-right:6px}}
@media print{details{break-inside:avoid}}
)";

} // namespace lab::report
