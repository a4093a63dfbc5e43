/**
 * Lines for a person who decides by them. Labels stand at the beginning of a line and nothing else
 * does: what others wrote is made visible, indented, and broken before the terminal would break it.
 */

import type { Marks } from '../../sidecar/recording/render.ts'
import { visibleText } from '../../sidecar/statement/visible-text.ts'

export interface Screen {
  /** Columns. */
  readonly width: number
  readonly marks: Marks
}

/** Columns before what a label names. */
export const margin = 11
const [narrowest, widest, usual] = [40, 120, 80]

/** As wide as the terminal; where nobody tells how wide that is, narrow enough for most. */
export function screenWidth(columns: number | undefined): number {
  return Math.min(widest, Math.max(narrowest, columns ?? usual))
}

/** One line, in which everything is seen. */
export function oneLine(text: string): string {
  return visibleText(text).replaceAll('\n', '\\u{a}')
}

/** Columns that it takes; rather too many than too few. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += isWide(character) ? 2 : 1
  return columns
}

function isWide(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  return code >= 0x1100 && (code >= 0x1_0000 || /[\u1100-\u115f\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(character)) // prettier-ignore
}

/** At most so many columns, `…` for the rest. */
export function shortened(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  return `${broken(text, columns - 1)[0] ?? ''}…`
}

/** Pieces of at most so many columns each, of one line or several; joined by nothing they are it. */
export function broken(text: string, columns: number): readonly string[] {
  const pieces: string[] = []
  let [piece, used] = ['', 0]
  for (const character of text) {
    const wide = isWide(character) ? 2 : 1
    if (used + wide > columns && piece !== '') {
      pieces.push(piece)
      ;[piece, used] = ['', 0]
    }
    piece += character
    used += wide
  }
  return [...pieces, piece]
}

/** Prose at its spaces; a word that is too long is broken. */
export function wrapped(text: string, columns: number): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = []
    let open = ''
    for (const word of line.split(' ').flatMap((long) => broken(long, columns))) {
      const longer = open === '' ? word : `${open} ${word}`
      if (columnsOf(longer) <= columns) open = longer
      else {
        lines.push(open)
        open = word
      }
    }
    return [...lines, open]
  })
}

/** A label, and beside it lines of anything: each is made visible and fits. None if there are none. */
export function* section(
  label: string,
  lines: readonly string[],
  { width, marks }: Screen,
): Generator<string> {
  let head = marks.faint(label.padEnd(margin))
  for (const line of lines.flatMap((text) => wrapped(visibleText(text), width - margin))) {
    yield `${head}${line}`
    head = ' '.repeat(margin)
  }
}

/** In the words of somebody else: each line behind a bar. */
export function quoted(text: string, { width, marks }: Screen): readonly string[] {
  const lines = wrapped(visibleText(text), width - margin - 2)
  return lines.map((line) => `${' '.repeat(margin)}${marks.faint('│')} ${line}`)
}

/** Columns as wide as their widest cell; a row ends where the screen does. */
export function columned(
  rows: readonly (readonly string[])[],
  width: number,
  cell: number,
): readonly string[] {
  const cells = rows.map((row) => row.map((text) => shortened(oneLine(text), cell)))
  const widths: number[] = []
  for (const row of cells)
    row.forEach((text, at) => (widths[at] = Math.max(widths[at] ?? 0, columnsOf(text))))
  return cells.map((row) => {
    const padded = row.map((text, at) => text + ' '.repeat((widths[at] ?? 0) - columnsOf(text)))
    return shortened(padded.join('  ').trimEnd(), width)
  })
}

const units = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
] as const

/** `12 s`, `4 min`, `2 h 5 min`; nothing negative. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000))
  const first = units.findIndex(([size]) => seconds >= size)
  const found = units[first]
  if (found === undefined) return `${seconds} s`
  const [size, unit] = found
  const next = units[first + 1]
  const rest = next === undefined ? 0 : Math.floor((seconds % size) / next[0])
  const more = rest === 0 || next === undefined ? '' : ` ${rest} ${next[1]}`
  return `${Math.floor(seconds / size)} ${unit}${more}`
}

/** Milliseconds since the epoch; NaN for what is no time. */
export function timeOf(text: string | undefined): number {
  return text === undefined ? NaN : Date.parse(text)
}
