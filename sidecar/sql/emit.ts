/**
 * Tokens to text: what runs upstream. Comments are gone, gaps are single spaces, keywords are upper
 * case. Snowflake names an unaliased output column by its text, so such items keep theirs.
 */

import type { Span } from './ast.ts'
import type { Parsed } from './parsed.ts'
import { KEYWORD } from './parser/parser.ts'
import type { WholeQuery } from './whole-query.ts'

/** `text` takes the place of the tokens in `span`; an empty span inserts before its token. */
export interface Replacement {
  readonly span: Span
  readonly text: string
  /** With what `text` begins, where that was read by itself before. */
  readonly whole?: WholeQuery
}

const comments = /--[^\n]*|\/\/[^\n]*|\/\*[^]*?\*\//g

/** Throws RangeError when replacements overlap or nest: the caller's mistake, never a client's. */
export function emit(parsed: Parsed, replacements: readonly Replacement[] = []): string {
  const items = namedByText(parsed)
  const pieces: string[] = []
  let index = 0
  const tokensUntil = (end: number, fresh: boolean) => {
    // What stands as it is to be written is copied in one piece.
    let [from, to] = [-1, -1]
    const copy = (start: number, until: number) => {
      if (from < 0) from = start
      to = until
    }
    const put = (piece: string) => {
      if (from >= 0) pieces.push(parsed.text.slice(from, to))
      from = -1
      pieces.push(piece)
    }
    for (let first = fresh; index < end; index += 1, first = false) {
      const token = parsed.tokens[index]
      if (token === undefined) break
      if (!first) {
        const before = parsed.tokens[index - 1]?.end ?? 0
        if (isOneSpace(parsed.text, before, token.start)) copy(before, token.start)
        else put(gap(parsed, index, items[index] !== 0 && items[index] === items[index - 1]))
      }
      const text = spelling(parsed, index, items[index] !== 0)
      if (text === null) copy(token.start, token.end)
      else put(text)
    }
    if (from >= 0) pieces.push(parsed.text.slice(from, to))
  }
  const given = new Set(replacements)
  for (const replacement of allReplacements(parsed, replacements)) {
    const { span, text } = replacement
    tokensUntil(span.start, pieces.length === 0 || pieces.at(-1) === ' ')
    if (pieces.length > 0 && pieces.at(-1) !== ' ') pieces.push(' ')
    pieces.push(text)
    index = span.end
    // A name keeps what touches it, `IDENTIFIER('c'):a`, unless a quote would go on with it.
    if (given.has(replacement) || parsed.tokens[index]?.type !== 'symbol') pieces.push(' ')
  }
  tokensUntil(parsed.tokens.length, pieces.length === 0 || pieces.at(-1) === ' ')
  return pieces.join('').trim()
}

/** The source of a span as Snowflake would name a column by it: a comment is one space. */
export function sourceText(parsed: Parsed, span: Span): string {
  const start = parsed.tokens[span.start]?.start ?? 0
  let text = ''
  let last = start
  for (let index = span.start; index < span.end; index += 1) {
    const token = parsed.tokens[index]
    if (token === undefined) break
    text += parsed.text.slice(last, token.start).replace(comments, ' ')
    text += parsed.text.slice(token.start, token.end)
    last = token.end
  }
  return text
}

/**
 * For each token the number, from 1, of the innermost unaliased select item it is in, else 0.
 * Items of sub-queries count too: their names can reach the result by `*`.
 */
function namedByText(parsed: Parsed): Int32Array {
  const items = new Int32Array(parsed.tokens.length)
  let count = 0
  for (const { alias, expression, span } of parsed.items) {
    if (alias !== undefined || expression.kind === 'Star') continue
    count += 1
    // An item inside an unaliased item is text of the outer one.
    if (items[span.start] === 0) items.fill(count, span.start, span.end)
  }
  return items
}

/** What stands between a token and the one before it. */
function gap(parsed: Parsed, index: number, verbatim: boolean): string {
  const start = parsed.tokens[index - 1]?.end ?? 0
  const end = parsed.tokens[index]?.start ?? start
  // Tokens that touch stay so: `c:a`, `t.*`, `:1` mean something else apart.
  if (start === end) return ''
  return verbatim ? parsed.text.slice(start, end).replace(comments, ' ') : ' '
}

/** Or no space at all: either is what `gap` gives. */
function isOneSpace(text: string, start: number, end: number): boolean {
  return start === end || (start + 1 === end && text[start] === ' ')
}

/** A keyword in upper case; null where the token stands as it is written. */
function spelling(parsed: Parsed, index: number, verbatim: boolean): string | null {
  const token = parsed.tokens[index]
  const keyword = !verbatim && token?.type === 'word' && parsed.uses[index] === KEYWORD
  if (!keyword || parsed.text.startsWith(token.value, token.start)) return null
  return token.value
}

/** The caller's replacements and the names spelled by literals outside them, in text order. */
export function allReplacements(
  parsed: Parsed,
  replacements: readonly Replacement[],
): readonly Replacement[] {
  const outside = parsed.spelled.filter(
    ({ span }) => !replacements.some((other) => contains(other.span, span)),
  )
  const sorted = [...replacements, ...outside].sort(
    (a, b) => a.span.start - b.span.start || a.span.end - b.span.end,
  )
  let end = 0
  for (const { span } of sorted) {
    if (span.start < end || span.end < span.start || span.end > parsed.tokens.length) {
      throw new RangeError(`replacement ${span.start}-${span.end} overlaps another or the end`)
    }
    end = span.end
  }
  return sorted
}

function contains(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end && outer.start < outer.end
}
