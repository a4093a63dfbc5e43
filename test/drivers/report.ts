/** What a run says: for each client what failed, and at the end the table. */

import type { Snippet } from './snippet.ts'
import { items, type Item, type Verdict } from './suite.ts'

export interface Outcome {
  /** In the registry. */
  readonly name: string
  readonly title: string
  readonly verdicts: readonly Verdict[]
  readonly failed: readonly Verdict[]
  /** That it took, with its installation. */
  readonly seconds: number
  /** Why it did not run. */
  readonly skipped?: string | undefined
  readonly snippet: Snippet | undefined
  readonly notes?: readonly string[] | undefined
}

type Say = (line: string) => void

export function printOutcome(
  { title, verdicts, failed, skipped, seconds, notes = [] }: Outcome,
  say: Say,
): void {
  if (skipped !== undefined) {
    say(`${title}: SKIPPED: ${skipped}`)
    return
  }
  say(`${title}: ${verdicts.length - failed.length} passed, ${failed.length} failed, ${seconds} s`)
  const byComplaint = Map.groupBy(failed, ({ complaint }) => complaint ?? '')
  for (const [complaint, all] of byComplaint) {
    const more = all.length > 3 ? ` (and ${all.length - 3} more)` : ''
    const names = all.slice(0, 3).map(({ name }) => name)
    say(`  ✗ ${names.join('; ')}${more}: ${complaint}`)
  }
  for (const line of notes) say(line)
}

/** ✓ as promised; ✗ not; ~ as promised but for what the driver itself lacks; – not looked at. */
export type Mark = '✓' | '✗' | '~' | '–'

export interface Cell {
  readonly mark: Mark
  readonly limitations: readonly string[]
}

export function cellOf({ verdicts }: Outcome, item: Item): Cell {
  const own = verdicts.filter((verdict) => verdict.item === item)
  const limitations = [...new Set(own.flatMap(({ limitation }) => limitation ?? []))]
  if (own.length === 0) return { mark: '–', limitations }
  if (own.some(({ complaint }) => complaint !== undefined)) return { mark: '✗', limitations }
  return { mark: limitations.length > 0 ? '~' : '✓', limitations }
}

/** For a terminal: one line for each item, one column for each client. */
export function printTable(outcomes: readonly Outcome[], say: Say): void {
  const width = Math.max(...items.map((item) => item.length))
  say('')
  for (const [index, { title }] of outcomes.entries()) say(`${' '.repeat(width)} ${index + 1} = ${title}`)
  say(`${' '.repeat(width)} ${outcomes.map((_, index) => String(index + 1).padStart(2)).join(' ')}`)
  for (const item of items) {
    const marks = outcomes.map((outcome) => ` ${cellOf(outcome, item).mark}`)
    say(`${item.padEnd(width)} ${marks.join(' ')}`)
  }
  const passed = outcomes.reduce((sum, { verdicts, failed }) => sum + verdicts.length - failed.length, 0)
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed.length, 0)
  say(`${passed} passed, ${failed} failed`)
} // prettier-ignore
