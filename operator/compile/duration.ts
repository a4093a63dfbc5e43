import type { FieldPath } from '../../crds/field-path.ts'
import type { Report } from './report.ts'

const units = [3600, 60, 1] as const

/** Seconds of a duration such as `8h`, `1h30m` or `90s`; undefined if it says nothing. */
export function parseDuration(text: string): number | undefined {
  const match = /^(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,5})s)?$/.exec(text)
  if (match === null || text === '') return undefined
  return units.reduce((sum, unit, index) => sum + unit * Number(match[index + 1] ?? 0), 0)
}

interface Range {
  /** Seconds, both included. */
  readonly from: number
  readonly to: number
  /** The same for the author, with an example. */
  readonly words: string
}

/** Seconds; if they are out of range that is reported. */
export function compileDuration(
  text: string,
  { from, to, words }: Range,
  path: FieldPath,
  report: Report,
): number {
  const seconds = parseDuration(text)
  if (seconds !== undefined && seconds >= from && seconds <= to) return seconds
  report(path, `"${text}" is out of range`, `Write a duration ${words}.`)
  return from
}
