/** What a soak run counts, and what it found wrong. */

export type PartName = 'requests' | 'answers' | 'faults'

export interface Violation {
  readonly part: PartName
  /** Number of the case: with the seed it makes the same case again. */
  readonly index: number
  readonly what: string
}

/** Ways in which a fault can do harm. `lost` is none: the client got an error though it ran. */
export const harms = ['lost', 'doubled', 'leaked', 'cut', 'unrecorded', 'other'] as const
export type Harm = (typeof harms)[number]

export type Row = { count: number } & Record<Harm, number>

const emptyRow = (): Row => ({
  count: 0, lost: 0, doubled: 0, leaked: 0, cut: 0, unrecorded: 0, other: 0,
}) // prettier-ignore

export class Tally {
  readonly rows = new Map<string, Row>()
  readonly violations: Violation[] = []

  count(name: string): void {
    this.row(name).count += 1
  }

  row(name: string): Row {
    const row = this.rows.get(name) ?? emptyRow()
    this.rows.set(name, row)
    return row
  }

  harm(name: string, harm: Harm, violation?: Violation): void {
    this.row(name)[harm] += 1
    if (violation !== undefined) this.violations.push(violation)
  }
}

export function reproduction({ part, index }: Violation, seed: number): string {
  return `npm run soak -- --seed ${seed} --part ${part} --only ${index}`
}

/** One line per name; the fault classes have a column for each harm. */
export function table(tally: Tally): string {
  const head = ['case', 'count', ...harms]
  const lines = [...tally.rows].map(([name, row]) => [
    name,
    String(row.count),
    ...harms.map((harm) => String(row[harm])),
  ])
  const widths = head.map((_, column) =>
    Math.max(...[head, ...lines].map((line) => line[column]?.length ?? 0)),
  )
  return [head, ...lines]
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n')
}
