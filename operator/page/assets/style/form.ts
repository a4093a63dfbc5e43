/** The form that decides, and buttons. */
export const form = String.raw`label {
  display: block;
  font-weight: 600;
}
textarea {
  display: block;
  width: 100%;
  margin-top: 0.4rem;
  padding: 0.45rem 0.6rem;
  border: 1px solid var(--edge);
  border-radius: 6px;
  background: var(--card);
  color: var(--text);
  font: inherit;
  resize: vertical;
}
textarea[aria-invalid] {
  border-color: var(--bad);
}
#problem {
  min-height: 1.4em;
  margin: 0.4rem 0;
  color: var(--bad);
  font-size: 0.87rem;
}
.buttons {
  display: flex;
  flex-wrap: wrap;
  gap: 0.6rem;
}
.panel .buttons {
  margin: 0 0 0.7rem;
}
button,
.button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  min-height: 2.5rem;
  padding: 0.4rem 1rem;
  border: 1px solid var(--accent);
  border-radius: 6px;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 600;
  line-height: 1.4;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
}
.buttons > * {
  flex: 1 1 7rem;
}
.message .buttons > * {
  flex: none;
}
button:hover,
.button:hover {
  filter: brightness(1.08);
}
.approve {
  background: var(--good);
  border-color: var(--good);
  color: var(--on-good);
}
.deny {
  background: var(--card);
  border-color: var(--bad);
  color: var(--bad);
}
.quiet {
  background: transparent;
  border-color: var(--edge);
  color: var(--text);
  font-weight: 500;
}
.top .quiet {
  min-height: 2rem;
  padding: 0.15rem 0.75rem;
  font-size: 0.87rem;
  white-space: nowrap;
}
`
