/** Colours, elements, and what is around every page. Contrast is AA in both schemes. */
export const frame = String.raw`:root {
  color-scheme: light dark;
  --ground: #f5f6f8;
  --card: #ffffff;
  --sunk: #f0f2f5;
  --line: #d5dae1;
  --edge: #7b8796;
  --text: #18202b;
  --faint: #545f6e;
  --accent: #0b5cad;
  --on-accent: #ffffff;
  --good: #15683a;
  --on-good: #ffffff;
  --good-soft: #def2e5;
  --bad: #ab2020;
  --bad-soft: #fbe4e2;
  --warn: #7a4a00;
  --warn-soft: #fdf0d2;
  --mark: #ffe08a;
  --on-mark: #2b2100;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10151c;
    --card: #18202a;
    --sunk: #111821;
    --line: #303b49;
    --edge: #7f8da0;
    --text: #e6ebf2;
    --faint: #a3afbf;
    --accent: #79b8ff;
    --on-accent: #06233f;
    --good: #6fd398;
    --on-good: #05250f;
    --good-soft: #15351f;
    --bad: #ff9d94;
    --bad-soft: #431c1b;
    --warn: #f3c566;
    --warn-soft: #3a2c0c;
    --mark: #6b5200;
    --on-mark: #fff0c2;
  }
}
*,
*::before,
*::after {
  box-sizing: border-box;
}
html {
  -webkit-text-size-adjust: 100%;
}
body {
  margin: 0;
  background: var(--ground);
  color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif;
  overflow-wrap: anywhere;
}
h1,
h2,
h3,
p,
ul,
ol,
dl,
dd,
figure,
blockquote {
  margin: 0;
}
h1 {
  font-size: 1.3rem;
  line-height: 1.3;
  font-weight: 650;
}
h2 {
  font-size: 0.95rem;
  line-height: 1.4;
  font-weight: 650;
}
h3 {
  font-size: 1rem;
  font-weight: 600;
}
a {
  color: var(--accent);
  text-underline-offset: 0.2em;
}
code,
pre {
  font-family: var(--mono);
  font-size: 0.92em;
}
code {
  unicode-bidi: isolate;
}
mark {
  background: var(--mark);
  color: var(--on-mark);
  border-radius: 2px;
}
:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
  border-radius: 3px;
}
main:focus {
  outline: none;
}
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
.skip {
  position: absolute;
  left: 0.5rem;
  top: -4rem;
  padding: 0.5rem 0.9rem;
  background: var(--card);
  z-index: 1;
}
.skip:focus {
  top: 0.5rem;
}
.faint {
  color: var(--faint);
  font-size: 0.87rem;
}

.top {
  display: flex;
  align-items: center;
  justify-content: space-between;
  gap: 0.5rem 1rem;
  padding-block: 0.55rem;
  padding-inline: max(clamp(0.8rem, 3vw, 2rem), (100% - 76rem) / 2 + 2rem);
  background: var(--card);
  border-bottom: 1px solid var(--line);
}
.brand {
  display: inline-flex;
  align-items: center;
  gap: 0.55rem;
  color: var(--text);
  font-weight: 650;
  text-decoration: none;
}
.brand span {
  color: var(--faint);
  font-weight: 400;
}
.person {
  display: flex;
  align-items: center;
  gap: 0.75rem;
  min-width: 0;
  font-size: 0.9rem;
}
.person > span {
  min-width: 0;
  max-width: 22rem;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}
main {
  max-width: 76rem;
  margin: 0 auto;
  padding: 1.25rem clamp(0.8rem, 3vw, 2rem) 3rem;
}
.heading {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.3rem 0.75rem;
}
.heading h1 {
  min-width: 0;
}
#liveness {
  margin-left: auto;
}
.count {
  display: inline-block;
  min-width: 1.6em;
  padding: 0 0.45em;
  border-radius: 1em;
  background: var(--sunk);
  border: 1px solid var(--line);
  color: var(--faint);
  font-size: 0.85rem;
  text-align: center;
  vertical-align: 0.12em;
}
#live > h2 {
  margin-top: 1.75rem;
}
`
