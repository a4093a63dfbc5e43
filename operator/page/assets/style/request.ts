/** One request. */
export const request = String.raw`.back {
  display: flex;
  justify-content: space-between;
  gap: 1rem;
  margin-bottom: 0.5rem;
  font-size: 0.9rem;
}
.back a {
  display: inline-block;
  padding: 0.2rem 0;
}
.notice {
  margin-top: 0.8rem;
  padding: 0.55rem 0.8rem;
  background: var(--warn-soft);
  border-left: 3px solid var(--warn);
  border-radius: 4px;
}
.notice.strong {
  font-weight: 600;
}
.columns {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: 1rem;
  margin-top: 1rem;
}
.columns > div > section,
.panel {
  padding: 0.9rem 1rem 1rem;
  background: var(--card);
  border: 1px solid var(--line);
}
.columns > div > section + section {
  border-top: 0;
}
.columns > div > section:first-child {
  border-radius: 8px 8px 0 0;
}
.columns > div > section:last-child {
  border-radius: 0 0 8px 8px;
}
.panel {
  border-radius: 8px;
}
.panel + .panel {
  margin-top: 1rem;
}
.columns h2 + * {
  margin-top: 0.5rem;
}
.panel p + p {
  margin-top: 0.4rem;
}
@media (min-width: 62rem) {
  .jump {
    display: none !important;
  }
  .columns {
    grid-template-columns: minmax(0, 1fr) 20.5rem;
    align-items: start;
  }
  aside {
    position: sticky;
    top: 1rem;
    max-height: calc(100vh - 2rem);
    overflow-y: auto;
  }
}
.facts {
  display: grid;
  gap: 0.3rem;
}
.facts > div {
  display: grid;
  grid-template-columns: 6.5rem minmax(0, 1fr);
  gap: 0.75rem;
}
dt {
  color: var(--faint);
  font-size: 0.87rem;
  line-height: 1.6;
}
.claim {
  margin-top: 0.8rem;
  padding: 0.55rem 0.8rem;
  background: var(--warn-soft);
  border-left: 3px solid var(--warn);
  border-radius: 4px;
}
.claim figcaption {
  color: var(--warn);
  font-size: 0.87rem;
}
blockquote {
  white-space: pre-wrap;
}
.claim + .faint,
section > .faint {
  margin-top: 0.5rem;
}
.statement {
  max-width: 100%;
  margin: 0.5rem 0 0;
  padding: 0.6rem 0;
  overflow-x: auto;
  background: var(--sunk);
  border: 1px solid var(--line);
  border-radius: 6px;
  counter-reset: line;
  line-height: 1.55;
  tab-size: 4;
}
.line {
  display: block;
  position: relative;
  padding: 0 0.8rem 0 3.6rem;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  direction: ltr;
  unicode-bidi: bidi-override;
  counter-increment: line;
}
.line::before {
  content: counter(line);
  position: absolute;
  left: 0;
  width: 2.8rem;
  color: var(--faint);
  text-align: right;
  user-select: none;
}
.plain {
  padding: 0;
  list-style: none;
}
.names {
  columns: 20rem;
  column-gap: 1.5rem;
}
.changes li {
  color: var(--warn);
  font-weight: 600;
}
.scroll {
  overflow-x: auto;
}
table {
  width: 100%;
  border-collapse: collapse;
  font-size: 0.93rem;
}
th,
td {
  padding: 0.3rem 1rem 0.3rem 0;
  border-bottom: 1px solid var(--line);
  text-align: left;
  vertical-align: top;
  font-weight: 400;
}
tbody tr:last-child > * {
  border-bottom: 0;
}
thead th {
  color: var(--faint);
  font-size: 0.87rem;
}
td code {
  white-space: pre-wrap;
  direction: ltr;
}
summary {
  color: var(--accent);
  cursor: pointer;
}
.decisions li + li {
  margin-top: 0.6rem;
  padding-top: 0.6rem;
  border-top: 1px solid var(--line);
}
.decisions p {
  margin: 0;
}
.decisions blockquote {
  margin: 0.15rem 0;
  padding-left: 0.6rem;
  border-left: 2px solid var(--line);
}
`
