/** Proof that the text to run means what was judged. */

import { FrostgateError } from '../errors.ts'
import type { Span } from './ast.ts'
import { allReplacements } from './emit.ts'
import type { Replacement } from './emit.ts'
import { factLines, factsOf } from './facts.ts'
import type { StatementFacts } from './facts-types.ts'
import { tokenize } from './lexer.ts'
import { parseStatement } from './parse.ts'
import type { Parsed } from './parsed.ts'

/** A replaced span and where its text stands among the emitted tokens. */
interface Shift {
  readonly from: Span
  readonly to: Span
  /** A name spelled by a literal is no change of facts. */
  readonly spelled: boolean
}

/**
 * Reads `emitted` anew and compares it with `parsed`: outside replacements the same tokens and the
 * same facts at the same places; the same variables and binds everywhere. Returns the new reading.
 * `old`: the facts of `parsed`, where they are known.
 * Throws SqlRoundTrip, or whatever reading the text throws.
 */
export function verifyRoundTrip(
  parsed: Parsed,
  emitted: string,
  replacements: readonly Replacement[] = [],
  old: StatementFacts = factsOf(parsed.statement),
): Parsed {
  const again = parseStatement(emitted)
  const shifts = shiftsOf(parsed, replacements)
  if (!sameTokens(parsed, again, shifts)) refuse()
  const fresh = factsOf(again.statement)
  const before = outside(old, shifts, (shift) => shift.from).map(({ text, span }) =>
    line(text, moved(span, shifts)),
  )
  const after = outside(fresh, shifts, (shift) => shift.to).map(({ text, span }) =>
    line(text, span),
  )
  if (!equal(before, after)) refuse()
  if (!equal(old.variables, fresh.variables) || !equal(old.binds, fresh.binds)) refuse()
  return again
}

function refuse(): never {
  throw FrostgateError.of('SqlRoundTrip', {})
}

function shiftsOf(parsed: Parsed, replacements: readonly Replacement[]): readonly Shift[] {
  let offset = 0
  return allReplacements(parsed, replacements).map((replacement) => {
    const { span, text } = replacement
    const { tokens, partners } = tokenize(text)
    // A replacement must not close what it did not open, nor leave anything open.
    const balanced = tokens.every(({ type, value }, index) => {
      if (type !== 'symbol' || !'()[]{}'.includes(value)) return value !== ';'
      return partners[index] !== -1 || partners.includes(index)
    })
    if (!balanced) refuse()
    const start = span.start + offset
    offset += tokens.length - (span.end - span.start)
    const spelled = !replacements.includes(replacement)
    return { from: span, to: { start, end: start + tokens.length }, spelled }
  })
}

function sameTokens(parsed: Parsed, again: Parsed, shifts: readonly Shift[]): boolean {
  let index = 0
  let other = 0
  const sameUntil = (end: number): boolean => {
    for (; index < end; index += 1, other += 1) {
      const [a, b] = [parsed.tokens[index], again.tokens[other]]
      if (a?.type !== b?.type || a?.value !== b?.value) return false
    }
    return true
  }
  for (const { from, to } of shifts) {
    if (!sameUntil(from.start) || other !== to.start) return false
    index = from.end
    other = to.end
  }
  return sameUntil(parsed.tokens.length) && other === again.tokens.length
}

function outside(
  facts: StatementFacts,
  shifts: readonly Shift[],
  side: (shift: Shift) => Span,
): ReturnType<typeof factLines> {
  const replaced = shifts.filter((shift) => !shift.spelled).map(side)
  return factLines(facts).filter(
    ({ span }) => !replaced.some((hole) => hole.start <= span.start && span.end <= hole.end),
  )
}

/** Where a span of the old text lies in the new one. */
function moved(span: Span, shifts: readonly Shift[]): Span {
  let { start, end } = span
  for (const { from, to } of shifts) {
    const growth = to.end - to.start - (from.end - from.start)
    if (from.end <= span.start) start += growth
    // What is inserted just behind a span is not part of it.
    if (from.end <= span.end && from.start < span.end) end += growth
  }
  return { start, end }
}

function line(text: string, span: Span): string {
  return `${text} ${span.start}-${span.end}`
}

function equal(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
