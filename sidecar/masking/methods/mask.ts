/** What a mask method is, and the SQL that all of them share. */

import type { ColumnType } from '../../catalog/types.ts'
import { sqlType } from '../column-types.ts'
import { redactions } from '../redactions.ts'
import type { Keyring } from './keys.ts'

export interface Mask {
  /** Whether every value the mask gives is a valid value of this type. */
  accepts(type: ColumnType): boolean
  /**
   * `column` is a quoted name; the result has exactly the declared type.
   * @throws Error for a keyed method whose key the keyring lacks; ask `missingKey` first
   */
  sql(column: string, type: ColumnType, writing?: Writing): string
  /** Post-condition: whether a cell of the JSON row set can be a value of this mask. */
  image(cell: string | null, type: ColumnType): boolean
  /**
   * Whether a text that a client writes can hardly be anything but a mask it was shown. Narrower
   * than `image` where ordinary values look like masks, as digits of a token do.
   */
  recognises(text: string, type: ColumnType): boolean
  /** Equal values have equal masks, and others almost never do. */
  readonly joinable: boolean
  /** The Secret whose key is written into the SQL, if any. */
  readonly secretName: string | null
}

/** What SQL with a key needs: the MaskingRule it is for, and the keys. */
export interface Writing {
  readonly rule: string
  readonly keyring: Keyring
}

/** What most methods are: no key, no joins, and only a mask looks like one. */
export function plainMask(
  mask: Pick<Mask, 'accepts' | 'sql' | 'image'> & Partial<Pick<Mask, 'recognises'>>,
): Mask {
  return {
    joinable: false,
    secretName: null,
    recognises: (text, type) => mask.image(text, type),
    ...mask,
  }
}

/** NULL stays NULL, and the result has the declared type. */
export function keepNull(column: string, expression: string, type: ColumnType): string {
  const declared = sqlType(type)
  const value = `CASE WHEN ${column} IS NULL THEN NULL ELSE ${expression} END`
  return declared === null ? value : `CAST(${value} AS ${declared})`
}

/** A text column without its collation, which comparisons would follow and patterns refuse. */
export function plainText(column: string): string {
  return `COLLATE(${column}, '')`
}

/** A text literal; Snowflake reads backslashes in it. No control characters. */
export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

/** The redaction of a text column, unquoted: what a value becomes that a method cannot treat. */
export function redactedText(type: ColumnType): string {
  return '***'.slice(0, type.length ?? 3)
}

/** The redaction of any type that has one, as SQL. */
export function redactedSql(type: ColumnType): string {
  return redactions(type)?.sql ?? 'NULL'
}

/** Characters that fit the column; Infinity where the catalogue states no length. */
export function room(type: ColumnType): number {
  return type.length ?? Infinity
}

/** Code points, as Snowflake's LENGTH counts. */
export function lengthOf(text: string): number {
  return Array.from(text).length
}
