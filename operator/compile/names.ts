import type { FieldPath } from '../../crds/field-path.ts'
import type { Parsed } from './patterns.ts'
import { parseIdentifier } from './patterns.ts'
import type { Report } from './report.ts'

/** A role or warehouse as Snowflake stores its name; empty if a problem was reported. */
export function compileName(text: string, path: FieldPath, report: Report): string {
  return compileParsed(text, parseIdentifier, path, report) ?? ''
}

/** What can be parsed of `texts`; a problem for each that cannot. `path` is that of the list. */
export function compileList<T>(
  texts: readonly string[] | undefined,
  parse: (text: string) => Parsed<T>,
  path: FieldPath,
  report: Report,
): readonly T[] {
  return (texts ?? []).flatMap((text, index) => {
    const value = compileParsed(text, parse, [...path, index], report)
    return value === undefined ? [] : [value]
  })
}

/** What `text` means; undefined if a problem was reported. */
export function compileParsed<T>(
  text: string,
  parse: (text: string) => Parsed<T>,
  path: FieldPath,
  report: Report,
): T | undefined {
  const parsed = parse(text)
  if ('value' in parsed) return parsed.value
  report(path, parsed.message, parsed.advice)
  return undefined
}
