import { parseObjectPattern } from '../../operator/compile/patterns.ts'
import type { ColumnTag } from '../../sidecar/catalog/types.ts'

/** A tag as it is written on a table or a column. */
export type WrittenTag = Omit<ColumnTag, 'column'>

/** `GOV.TAGS.PII: ssn` */
export function parseTags(
  written: string,
  value: unknown,
): WrittenTag | { readonly message: string; readonly advice: string } {
  const parsed = parseObjectPattern(written)
  if ('message' in parsed) return parsed
  const { database, schema, name } = parsed.value
  if (database === null || schema === null || name === null) {
    return { message: `"${written}" is not one tag`, advice: 'Write DATABASE.SCHEMA.NAME: value.' }
  }
  if (typeof value !== 'string') {
    return { message: 'the value of a tag is text', advice: 'Put it in quotes.' }
  }
  return { database, schema, name, value }
}
