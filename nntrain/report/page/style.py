"""How the page looks: on a screen wide or narrow, light or dark, and on paper."""

STYLE = """
:root{--ink:#1c2430;--soft:#566070;--line:#dde2e9;--back:#fff;--panel:#f6f8fa;--link:#0b5cad;
--train:#0072b2;--valid:#c24e00;--other:#44505f;--good:#1b6e3c;--good-back:#e7f4ec;--bad:#a4262c;
--bad-back:#fdeeee;--note:#80560a;--note-back:#fdf4e0;--paper:#fff}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e4e9f0;--soft:#a5b0bf;--line:#343d4a;
--back:#14191f;
--panel:#1c232c;--link:#7cb8f5;--train:#5bb0ea;--valid:#f08a48;--other:#b6c0cd;--good:#7fd6a0;
--good-back:#173023;--bad:#f59a9a;--bad-back:#3a1d20;--note:#ecc06b;--note-back:#352a14;--paper:#f4f5f7}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",
Roboto,
"Helvetica Neue",Arial,sans-serif}
header,nav,main,footer{max-width:62rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.5rem}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;background:var(--back);padding:.4rem .8rem;z-index:1}
a{color:var(--link)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
h1{font-size:2.1rem;line-height:1.15;margin:.35rem 0 .9rem;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:1.35rem;line-height:1.25;margin:0 0 1rem}
h3{font-size:1.02rem;margin:1.8rem 0 .6rem;overflow-wrap:anywhere}
p{margin:.5rem 0;max-width:46rem;overflow-wrap:anywhere}
.kicker{display:flex;flex-wrap:wrap;gap:.3rem .75rem;align-items:center;color:var(--soft);
font-size:.92rem;margin:0}
.badge{font-weight:600;font-size:.82rem;border-radius:99px;padding:.1rem .7rem;background:var(--panel)}
.badge.good{color:var(--good);background:var(--good-back)}
.badge.bad{color:var(--bad);background:var(--bad-back)}
.badge.note{color:var(--note);background:var(--note-back)}
.verdict{font-size:1.16rem;line-height:1.5;max-width:48rem;margin:.4rem 0}
.quiet,.label{color:var(--soft);font-size:.92rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.75rem;
margin:1.6rem 0 0}
.figures div{background:var(--panel);border-radius:10px;padding:.8rem 1rem}
.figures dt{color:var(--soft);font-size:.85rem}
.figures dd{margin:0}
.figures strong{display:block;font-size:1.55rem;line-height:1.3;font-weight:650;
font-variant-numeric:tabular-nums}
.figures span{color:var(--soft);font-size:.85rem}
nav{margin-top:1.6rem}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;margin:0;padding:.6rem 0;
border-top:1px solid var(--line);border-bottom:1px solid var(--line);font-size:.92rem}
nav a{text-decoration:none;display:inline-block;padding:.25rem 0}
nav a:hover{text-decoration:underline}
section{padding-top:2.4rem}
.scroll{overflow-x:auto;margin:.8rem 0 1.2rem}
table{border-collapse:collapse;font-size:.92rem;min-width:min(100%,26rem)}
caption{text-align:left;color:var(--soft);font-size:.88rem;padding-bottom:.5rem}
caption span{display:block;position:sticky;left:0;max-width:min(46rem,calc(100vw - 2.5rem))}
th,td{padding:.38rem .9rem .38rem 0;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
thead th{font-weight:600;color:var(--soft);font-size:.85rem;border-bottom:1px solid var(--soft);
vertical-align:bottom;white-space:nowrap}
tbody th{font-weight:500;overflow-wrap:break-word;min-width:6rem;max-width:26rem}
td{max-width:32rem;overflow-wrap:break-word}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;padding-left:.5rem}
.sum th,.sum td{font-weight:650;border-bottom:0}
.facts{margin:.8rem 0;font-size:.95rem}
.facts div{display:grid;grid-template-columns:10rem 1fr;gap:1rem;padding:.32rem 0;
border-bottom:1px solid var(--line)}
.facts dt{color:var(--soft)}
.facts dd{margin:0;overflow-wrap:anywhere}
figure{margin:0}
.charts,.gallery{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,25rem),1fr));
gap:1.4rem 1.8rem;
margin:1rem 0;align-items:start}
.gallery{grid-template-columns:repeat(auto-fit,minmax(min(100%,27rem),1fr))}
figcaption{font-weight:600;font-size:.95rem;margin-bottom:.4rem;overflow-wrap:anywhere}
.picture{max-width:46rem}
.picture img{display:block;max-width:100%;height:auto;max-height:46rem;background:var(--paper);
border-radius:8px;
border:1px solid var(--line)}
.chart{width:100%;height:auto;display:block}
.grid{stroke:var(--line);stroke-width:1}
.tick{fill:var(--soft);font-size:12.5px}
.end{text-anchor:end}
.middle{text-anchor:middle}
.curve{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.curve.train{stroke:var(--train)}
.curve.valid{stroke:var(--valid);stroke-dasharray:7 4}
.curve.other{stroke:var(--other)}
.dot.train{fill:var(--train)}
.dot.valid{fill:var(--valid)}
.dot.other{fill:var(--other)}
.best{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:2 4}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1.2rem;color:var(--soft);font-size:.86rem;margin:.2rem 0 0}
.key{display:inline-block;width:1.5rem;height:0;border-top:2.5px solid;vertical-align:middle;
margin-right:.45rem}
.key.train{border-color:var(--train)}
.key.valid{border-color:var(--valid);border-top-style:dashed}
.key.other{border-color:var(--other)}
.key.best{border-color:var(--soft);border-top-style:dotted}
.span{width:8.5rem;height:.95rem;display:inline-block;vertical-align:middle}
.axis{stroke:var(--line);stroke-width:1}
.interval{fill:var(--train);opacity:.32}
.reference{stroke:var(--valid);stroke-width:1.6}
pre{background:var(--panel);border-radius:8px;padding:.8rem 1rem;overflow-x:auto;margin:.4rem 0;
font-size:.86rem;
line-height:1.5;max-height:34rem}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.advice{border-left:4px solid var(--line);border-radius:0 10px 10px 0;padding:.9rem 1.2rem;margin:1rem 0;
background:var(--panel)}
.advice h3{margin:0 0 .3rem}
.advice.bad{border-color:var(--bad)}
.advice.note{border-color:var(--note)}
.advice pre{background:var(--back)}
.advice .label{margin:.7rem 0 0}
p.good{color:var(--good)}p.bad{color:var(--bad)}p.note{color:var(--note)}
details{margin:1rem 0;border-top:1px solid var(--line);padding-top:.6rem}
summary{cursor:pointer;font-weight:600;color:var(--link)}
ul{padding-left:1.2rem}
main li{margin:.4rem 0;max-width:46rem;overflow-wrap:anywhere}
footer{color:var(--soft);font-size:.86rem;padding-top:2.5rem;padding-bottom:3rem}
@media (max-width:40rem){header{padding-top:1.4rem}h1{font-size:1.65rem}.verdict{font-size:1.06rem}
.facts div{grid-template-columns:1fr;gap:0}.figures{grid-template-columns:1fr 1fr}section{
padding-top:1.9rem}}
@media print{@page{margin:16mm 14mm}body{font-size:10.5pt}header,main,footer{max-width:none;padding-left:0;
padding-right:0}header{padding-top:0}nav,.skip{display:none}section{padding-top:1.4rem}
h2,h3,caption,figcaption,summary{break-after:avoid}figure,tr,.advice,.figures div{break-inside:avoid}
.scroll,pre{overflow:visible}pre{max-height:none;white-space:pre-wrap;overflow-wrap:anywhere;
border:1px solid var(--line)}table{min-width:0}.picture img{max-height:21cm}thead{
display:table-header-group}
.gallery,.charts{grid-template-columns:1fr 1fr}
details:not([open]){display:none}footer{padding:1rem 0 0}a{color:inherit;text-decoration:none}}
""".strip()
"""The whole style sheet."""
