/** Outcomes counted by class, and as lines of a table. */

import { corpusClasses } from './leading-words.ts'
import type { CorpusClass } from './leading-words.ts'
import type { Outcome, Reading } from './reading.ts'

export type Counts = Readonly<Record<Outcome, number>>
export type Tally = ReadonlyMap<CorpusClass, Counts>

const none: Counts = { structured: 0, opaque: 0, refused: 0, crashed: 0 }

export function tallyOf(readings: Iterable<Pick<Reading, 'class' | 'outcome'>>): Tally {
  const tally = new Map<CorpusClass, Counts>(corpusClasses.map((name) => [name, none]))
  for (const { class: name, outcome } of readings) {
    const counts = tally.get(name) ?? none
    tally.set(name, { ...counts, [outcome]: counts[outcome] + 1 })
  }
  return tally
}

export function totalOf(tally: Tally): Counts {
  return [...tally.values()].reduce(plus, none)
}

export function sumOf(tallies: readonly Tally[]): Tally {
  return new Map(
    corpusClasses.map((name) => [
      name,
      tallies.map((tally) => tally.get(name) ?? none).reduce(plus, none),
    ]),
  )
}

function plus(a: Counts, b: Counts): Counts {
  return {
    structured: a.structured + b.structured,
    opaque: a.opaque + b.opaque,
    refused: a.refused + b.refused,
    crashed: a.crashed + b.crashed,
  }
}

function sizeOf({ structured, opaque, refused, crashed }: Counts): number {
  return structured + opaque + refused + crashed
}

/** Per cent with one digit, rounded down: 99.96 must not read as the whole. */
export function percentStructured(counts: Counts): number | undefined {
  const size = sizeOf(counts)
  return size === 0 ? undefined : Math.floor((counts.structured / size) * 1000) / 10
}

/** A crash is counted with the refusals; the runner says so apart from the table. */
export function tableLines(title: string, tally: Tally): readonly string[] {
  const rows = [...tally].filter(([, counts]) => sizeOf(counts) > 0)
  return [
    row(title, 'texts', 'structured', 'opaque', 'refused', '%'),
    ...rows.map(([name, counts]) => countsRow(name, counts)),
    countsRow('all', totalOf(tally)),
  ]
}

function countsRow(name: string, counts: Counts): string {
  const { structured, opaque, refused, crashed } = counts
  const percent = percentStructured(counts)?.toFixed(1) ?? ''
  return row(name, sizeOf(counts), structured, opaque, refused + crashed, percent)
}

function row(name: string, ...cells: readonly (string | number)[]): string {
  return name.padEnd(48) + cells.map((cell) => String(cell).padStart(13)).join('')
}
