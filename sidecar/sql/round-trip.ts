/** Proof that the text to run means what was judged. */

import { FrostgateError } from '../errors.ts'
import type { Span } from './ast.ts'
import { allReplacements } from './emit.ts'
import type { Replacement } from './emit.ts'
import { factLines, factsOf } from './facts.ts'
import type { FactLine } from './facts/lines.ts'
import type { StatementFacts } from './facts-types.ts'
import { tokenize } from './lexer.ts'
import { checkSize, limits, tooLarge } from './lexer/limits.ts'
import { parseStatement } from './parse.ts'
import type { Parsed } from './parsed.ts'
import { isRead } from './whole-query.ts'

/** A replaced span and where its text stands among the emitted tokens. */
interface Shift {
  readonly from: Span
  readonly to: Span
  /** A name spelled by a literal is no change of facts. */
  readonly spelled: boolean
  /** By how many tokens all text up to the end of this one has grown. */
  readonly growth: number
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
  compare(parsed, again, shiftsOf(placesOf(parsed, replacements)), old)
  return again
}

/**
 * The same proof at less cost, where replacements begin with queries that were read by themselves
 * (`wholeQuery`): each is read here as the short query that stands in for it, everything else to
 * the last character. This proves no less:
 * - The lexer. A token of the short text begins where each stand-in begins, so the text before it
 *   ends outside any string, comment or quoted name. The query and its stand-in both begin with
 *   `(SELECT ` and end with `)`, and the lexer looks no further than a neighbouring character or
 *   token; the query alone was read to its last bracket. So the tokens of the emitted text are
 *   those of the short one, with the query's own in place of the stand-in's.
 * - The parser goes by the next tokens, `(` and `SELECT`, and never back; what is inside can end
 *   only at the bracket that closes it, since brackets nest. Query and stand-in were read by the
 *   same rule, `SELECT … FROM <relation>` to the bracket, and neither holds anything that
 *   is counted or bound across queries (binds, PRIOR, results of a chain).
 * - Facts. The query's own were looked at when it was read: one relation, named in full and so no
 *   common table expression of anything around it, as in the stand-in. What stands in a
 *   replacement was never compared with the statement it replaces a part of.
 * Not proved: that the text keeps the bound on nesting, which protects its readers only.
 */
export function verifyEmitted(
  parsed: Parsed,
  emitted: string,
  replacements: readonly Replacement[],
  old: StatementFacts,
): void {
  // The very text that was read, by the same reader: there is nothing to compare.
  if (replacements.length === 0 && emitted === parsed.text) return
  if (!verifiedShort(parsed, emitted, replacements, old)) {
    verifyRoundTrip(parsed, emitted, replacements, old)
  }
}

/** False where nothing is stood in for, or not where it stands: a literal may hold the same text. */
function verifiedShort(
  parsed: Parsed,
  emitted: string,
  replacements: readonly Replacement[],
  old: StatementFacts,
): boolean {
  const short = shortened(parsed, emitted, replacements)
  if (short === null) return false
  checkSize(emitted)
  const again = parseStatement(short.text)
  if (again.tokens.length + short.growth > limits.tokens) {
    throw tooLarge(`more than ${limits.tokens} tokens`)
  }
  const shifts = shiftsOf(short.places)
  for (const [index, offset] of short.offsets) {
    const start = shifts[index]?.to.start ?? -1
    if (again.tokens[start]?.start !== offset) return false
  }
  compare(parsed, again, shifts, old)
  return true
}

/** A replacement, or a name that a literal spells. */
type Place = Pick<Replacement, 'span' | 'text'> & Pick<Shift, 'spelled'>

/** In text order. */
function placesOf(
  parsed: Parsed,
  replacements: readonly Replacement[],
): readonly (Place & Pick<Replacement, 'whole'>)[] {
  const given = new Set(replacements)
  return allReplacements(parsed, replacements).map((replacement) => ({
    ...replacement,
    spelled: !given.has(replacement),
  }))
}

interface Short {
  readonly text: string
  /** As they are in the short text. */
  readonly places: readonly Place[]
  /** By the index of a place, where its stand-in begins in the short text. */
  readonly offsets: ReadonlyMap<number, number>
  /** By how many tokens the emitted text is longer. */
  readonly growth: number
}

/** Null where nothing can be stood in for. */
function shortened(
  parsed: Parsed,
  emitted: string,
  replacements: readonly Replacement[],
): Short | null {
  if (replacements.every(({ whole }) => whole === undefined)) return null
  const offsets = new Map<number, number>()
  let text = ''
  let at = 0
  let growth = 0
  const places = placesOf(parsed, replacements).map((place, index): Place => {
    const { whole, span, spelled } = place
    const found = whole === undefined ? -1 : emitted.indexOf(whole.text, at)
    if (whole === undefined || found === -1) return place
    if (!isRead(whole) || !place.text.startsWith(whole.text)) return place
    text += emitted.slice(at, found)
    offsets.set(index, text.length)
    text += whole.standIn
    at = found + whole.text.length
    growth += whole.growth
    return { span, text: whole.standIn + place.text.slice(whole.text.length), spelled }
  })
  return { text: text + emitted.slice(at), places, offsets, growth }
}

/** @throws FrostgateError SqlRoundTrip */
function compare(
  parsed: Parsed,
  again: Parsed,
  shifts: readonly Shift[],
  old: StatementFacts,
): void {
  if (!sameTokens(parsed, again, shifts)) refuse()
  const fresh = factsOf(again.statement)
  const holes = shifts.filter(({ spelled }) => !spelled)
  const told = outside(old, holes, ({ from }) => from)
  const found = outside(fresh, holes, ({ to }) => to)
  const same = told.every(({ text, span }, index) => {
    const other = found[index]
    if (other?.text !== text) return false
    const { start, end } = moved(span, shifts)
    return other.span.start === start && other.span.end === end
  })
  if (!same || told.length !== found.length) refuse()
  if (!equal(old.variables, fresh.variables) || !equal(old.binds, fresh.binds)) refuse()
}

function refuse(): never {
  throw FrostgateError.of('SqlRoundTrip', {})
}

function shiftsOf(places: readonly Place[]): readonly Shift[] {
  let growth = 0
  return places.map(({ span, text, spelled }) => {
    const length = lengthOf(text)
    const start = span.start + growth
    growth += length - (span.end - span.start)
    return { from: span, to: { start, end: start + length }, spelled, growth }
  })
}

const brackets: ReadonlySet<string> = new Set('()[]{}')

/** In tokens. A replacement must not close what it did not open, nor leave anything open. */
function lengthOf(text: string): number {
  const { tokens, partners } = tokenize(text)
  const paired = new Set<number>()
  for (const [open, close] of partners.entries()) if (close !== -1) paired.add(open).add(close)
  for (const [index, { type, value }] of tokens.entries()) {
    if (type !== 'symbol') {
      if (value === ';') refuse()
    } else if (value === ';' || (brackets.has(value) && !paired.has(index))) refuse()
  }
  return tokens.length
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
  holes: readonly Shift[],
  side: (shift: Shift) => Span,
): readonly FactLine[] {
  return factLines(facts).filter(({ span }) => {
    // Holes do not overlap, so of those that begin before the span only the last can hold it.
    const last = holes[before(holes, (hole) => side(hole).start <= span.start) - 1]
    return last === undefined || side(last).end < span.end
  })
}

/** How many of a list, the first ones, meet a condition. */
function before<T>(items: readonly T[], meets: (item: T) => boolean): number {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const item = items[middle]
    if (item !== undefined && meets(item)) low = middle + 1
    else high = middle
  }
  return low
}

/** Where a span of the old text lies in the new one. */
function moved(span: Span, shifts: readonly Shift[]): Span {
  const ahead = before(shifts, ({ from }) => from.end <= span.start)
  // What is inserted just behind a span is not part of it.
  const within = before(shifts, ({ from }) => from.end <= span.end && from.start < span.end)
  return {
    start: span.start + growthOf(shifts, ahead),
    end: span.end + growthOf(shifts, within),
  }
}

function growthOf(shifts: readonly Shift[], count: number): number {
  return shifts[count - 1]?.growth ?? 0
}

function equal(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
