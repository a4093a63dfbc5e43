/** The name in a stage reference, and the path behind it. */

import { foldIdentifier, quoteName } from '../names.ts'

export interface StageName {
  /** As stored: `[[database.]schema.]stage`. */
  readonly parts: readonly string[]
  /** From its first `/` on; empty where there is none. */
  readonly path: string
}

const part = String.raw`("(?:[^"]|"")+"|[A-Za-z_][\w$]*)`
/** `@s`, `@sc.s`, `@db.sc.s`; `@db..s` leaves the schema to be PUBLIC. */
const reference = new RegExp(String.raw`^@${part}(?:\.${part}?\.${part}|\.${part})?(/.*)?$`, 's')

/**
 * Undefined for the user's stage (`@~`), that of a table (`@%t`), and a path that readers may take
 * in two ways: with quotes, backslashes or control characters, or with a `.` or `..` in it, though
 * Snowflake reads those as they stand.
 */
export function namedStage(text: string): StageName | undefined {
  const [whole, first, second, third, last, path = ''] = reference.exec(text) ?? []
  if (whole === undefined || first === undefined || !isPlain(path)) return undefined
  const more = third === undefined ? [last] : [second ?? 'PUBLIC', third]
  const parts = [first, ...more].flatMap((word) => (word === undefined ? [] : [stored(word)]))
  return { parts, path }
}

/** `@"DB"."S"."STAGE"/path` */
export function printStage({ parts, path }: StageName): string {
  return `@${quoteName(parts)}${path}`
}

function isPlain(path: string): boolean {
  return !/["'\\\p{C}]/u.test(path) && !path.split('/').some((name) => /^\.\.?$/.test(name))
}

function stored(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : foldIdentifier(word)
}
