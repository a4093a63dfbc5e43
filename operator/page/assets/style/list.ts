/** The list of requests, messages, and marks. */
export const list = String.raw`.requests {
  margin-top: 0.8rem;
  padding: 0;
  list-style: none;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 8px;
}
.requests li {
  position: relative;
  display: grid;
  gap: 0.2rem;
  padding: 0.7rem 1rem;
}
.requests li + li {
  border-top: 1px solid var(--line);
}
.requests li:first-child {
  border-radius: 8px 8px 0 0;
}
.requests li:hover {
  background: var(--sunk);
}
.row {
  display: flex;
  align-items: start;
  justify-content: space-between;
  gap: 0.75rem;
}
.row > :first-child {
  min-width: 0;
  font-size: 1rem;
}
.row a {
  text-decoration: none;
}
.row a:hover {
  text-decoration: underline;
}
.row a::after {
  content: '';
  position: absolute;
  inset: 0;
}
.row a:focus-visible {
  outline: none;
}
.requests li:has(a:focus-visible) {
  outline: 2px solid var(--accent);
  outline-offset: -2px;
}
.snippet {
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
  direction: ltr;
  unicode-bidi: bidi-override;
}
.over .snippet {
  color: var(--faint);
}
.meta {
  display: flex;
  flex-wrap: wrap;
  gap: 0 1rem;
  color: var(--faint);
  font-size: 0.87rem;
}
.meta .end {
  margin-left: auto;
}
time {
  font-variant-numeric: tabular-nums;
  white-space: nowrap;
}
.soon {
  color: var(--bad);
  font-weight: 600;
}
.empty,
.message {
  margin-top: 0.8rem;
  padding: 1.5rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 8px;
}
.empty {
  text-align: center;
}
.empty p + p {
  margin: 0.4rem auto 0;
  max-width: 38rem;
}
.message {
  max-width: 38rem;
  margin: 8vh auto 0;
}
.message p {
  margin-top: 0.6rem;
}
.message.approved {
  border-top: 4px solid var(--good);
}
.message.denied,
.message.refused {
  border-top: 4px solid var(--bad);
}

.badge,
.tag {
  display: inline-block;
  padding: 0 0.5em;
  border: 1px solid var(--line);
  border-radius: 4px;
  background: var(--sunk);
  color: var(--faint);
  font-size: 0.82rem;
  line-height: 1.55;
}
.badge {
  flex: none;
  font-weight: 600;
}
.badge.pending,
.changing {
  background: var(--warn-soft);
  border-color: transparent;
  color: var(--warn);
}
.badge.approved,
.badge.used,
.tag.approved {
  background: var(--good-soft);
  border-color: transparent;
  color: var(--good);
}
.badge.denied,
.tag.denied {
  background: var(--bad-soft);
  border-color: transparent;
  color: var(--bad);
}
`
