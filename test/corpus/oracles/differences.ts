/** The checked-in list of known differences: what it holds, and how it is made anew. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { Corpus } from '../corpora.ts'
import type { OracleName } from './oracle.ts'
import { isProvable, isReason } from './reasons.ts'

export const differencesFile = fileURLToPath(
  new URL('../../sidecar/sql/oracle-differences.json', import.meta.url),
)

/** One statement on which oracles differ from us in the same way. No SQL of others is kept. */
export interface Difference {
  readonly statement: string
  readonly corpus: string
  readonly source: string
  /** What we take the statement for. */
  readonly kind: string
  readonly oracles: readonly OracleName[]
  /** Tables that only we see, and that only they see. */
  readonly ours: readonly string[]
  readonly theirs: readonly string[]
  /** A code of `reasons.ts`; empty until somebody has found it. */
  readonly reason: string
  /** Where oracles agree against us and the tree proves nothing: what a person found. */
  readonly checked?: string
}

export function readDifferences(): readonly Difference[] {
  return JSON.parse(readFileSync(differencesFile, 'utf8')) as readonly Difference[]
}

/** Everything that an entry is about, without what people say of it. */
export function differenceKey(difference: Difference): string {
  const { statement, oracles, ours, theirs } = difference
  return [statement, oracles, ours, theirs].map(String).join(' | ')
}

/**
 * The list made anew: what people wrote stays with its statement and names, what a corpus that is
 * not at hand brought stays as it is, and what is no difference any more goes.
 */
export function renewed(
  known: readonly Difference[],
  found: readonly Difference[],
  corpora: readonly Corpus[],
): readonly Difference[] {
  const atHand = new Set(corpora.map(({ name }) => name))
  const elsewhere = known.filter(({ corpus }) => !atHand.has(corpus))
  const written = found.map((difference) => {
    if (difference.reason !== '') return difference
    const old = known.find((entry) => sameNames(entry, difference))
    if (old === undefined || isProvable(old.reason)) return difference
    return { ...difference, reason: old.reason, ...(old.checked && { checked: old.checked }) }
  })
  return [...elsewhere, ...written].sort(byPlace)
}

/** The oracles are left out: one more that says the same does not make the reason wrong. */
function sameNames(a: Difference, b: Difference): boolean {
  return differenceKey({ ...a, oracles: [] }) === differenceKey({ ...b, oracles: [] })
}

function byPlace(a: Difference, b: Difference): number {
  return (
    compare(a.corpus, b.corpus) || compare(a.source, b.source) || compare(a.statement, b.statement)
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** What an entry lacks for a reader to believe it; undefined if nothing. */
export function lacking({ reason, oracles, checked }: Difference): string | undefined {
  if (reason === '') return 'it has no reason'
  if (!isReason(reason)) return `there is no reason ${reason}`
  const agreed = oracles.length > 1 && !isProvable(reason)
  return agreed && !checked ? 'oracles agree, and nobody says that it was checked' : undefined
}

/** How the list is not what was found: each a line that says what to do. */
export function disagreements(
  known: readonly Difference[],
  found: readonly Difference[],
  corpora: readonly Corpus[],
): readonly string[] {
  const atHand = new Set(corpora.map(({ name }) => name))
  const listed = known.filter(({ corpus }) => atHand.has(corpus))
  const byKey = new Map(listed.map((entry) => [differenceKey(entry), entry]))
  const now = new Set(found.map(differenceKey))
  const missing = found.filter((difference) => !byKey.has(differenceKey(difference)))
  const stale = listed.filter((entry) => !now.has(differenceKey(entry)))
  const unproven = found.filter((difference) => {
    const reason = byKey.get(differenceKey(difference))?.reason
    return reason !== undefined && isProvable(reason) && reason !== difference.reason
  })
  const remedy = 'run npm run corpus -- --oracles and look'
  return [
    ...missing.map((difference) => `new: ${line(difference)}: ${remedy}`),
    ...stale.map((difference) => `no difference any more: ${line(difference)}: ${remedy}`),
    ...unproven.map((difference) => `the reason is not proven: ${line(difference)}: ${remedy}`),
  ]
}

function line({ corpus, source, oracles, ours, theirs }: Difference): string {
  return `${corpus} ${source}: ours ${ours.join(', ')}; ${oracles.join(', ')} ${theirs.join(', ')}`
}
