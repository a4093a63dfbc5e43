/** Small screens, and what people ask of theirs. */
export const screens = String.raw`@media (max-width: 34rem) {
  .facts > div {
    grid-template-columns: minmax(0, 1fr);
    gap: 0;
  }
  .brand span {
    display: none;
  }
  thead {
    position: absolute;
    clip-path: inset(50%);
  }
  tbody tr {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 0.8rem;
    padding: 0.3rem 0;
    border-bottom: 1px solid var(--line);
  }
  tbody tr:last-child {
    border-bottom: 0;
  }
  tbody th,
  tbody td {
    min-width: 0;
    padding: 0;
    border: 0;
  }
  .altered::before {
    content: 'altered ';
    color: var(--faint);
  }
  tbody tr > :first-child {
    flex: 1 0 100%;
  }
  .requests li {
    padding: 0.7rem 0.8rem;
  }
  .snippet {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    white-space: normal;
  }
  .meta .end {
    margin-left: 0;
  }
  button,
  .button {
    min-height: 2.75rem;
  }
}
@media (prefers-reduced-motion: no-preference) {
  html {
    scroll-behavior: smooth;
  }
}
@media (forced-colors: active) {
  .badge,
  .tag {
    border-color: currentColor;
  }
}
`
