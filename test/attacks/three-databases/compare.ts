/** Whether what the three databases let be seen is the same, and if not, in what it differs. */

import type { Outcome } from './seen.ts'

/** What is compared, most telling first: the first of them that differs is the one reported. */
const aspects: Readonly<Record<string, (outcome: Outcome) => unknown>> = {
  'what ran': ({ emitted }) => emitted,
  'the error': ({ driver }) => driver.error,
  'the columns': ({ driver }) => driver.columns,
  'the number of rows': ({ driver }) => [driver.total, driver.rows.length],
  'the rows': ({ driver }) => driver.rows,
  'affected rows': ({ driver }) => driver.affected,
  'the status': ({ driver }) => driver.status,
  'the answer on the wire': ({ wire }) => wire,
  'how it ended': ({ ended }) => ended,
}

/** Undefined if nothing differs; else in what, and how it is spelled for each database. */
export function difference(outcomes: readonly Outcome[]): string | undefined {
  for (const [name, of] of Object.entries(aspects)) {
    const texts = outcomes.map((outcome) => JSON.stringify(of(outcome)))
    if (texts.some((text) => text !== texts[0])) {
      return `${name}:\n${texts.map((text) => `    ${around(text, texts)}`).join('\n')}`
    }
  }
  return undefined
}

const shown = 160

/** The part of a text where the texts begin to differ. */
function around(text: string, texts: readonly string[]): string {
  const same = (at: number) => texts.every((other) => other[at] === text[at])
  let start = 0
  while (start < text.length && same(start)) start += 1
  const from = Math.max(0, start - 40)
  return `${from > 0 ? '…' : ''}${text.slice(from, from + shown)}${from + shown < text.length ? '…' : ''}`
}
