/** Declared types, as far as masks need them: which family, and how to write them in SQL. */

import type { ColumnType } from '../catalog/types.ts'

export type TypeFamily =
  'text' | 'number' | 'float' | 'boolean' | 'binary' | 'date' | 'time' | TimestampFamily | 'other'

type TimestampFamily = 'timestamp_ntz' | 'timestamp_ltz' | 'timestamp_tz'

/** Names as INFORMATION_SCHEMA.COLUMNS reports them, and the synonyms Snowflake accepts. */
const families: ReadonlyMap<string, TypeFamily> = new Map<string, TypeFamily>([
  ...named('text', ['TEXT', 'VARCHAR', 'STRING', 'CHAR', 'CHARACTER', 'NVARCHAR', 'NCHAR']),
  ...named('number', ['NUMBER', 'DECIMAL', 'NUMERIC', 'INT', 'INTEGER', 'BIGINT', 'SMALLINT']),
  ...named('float', ['FLOAT', 'DOUBLE', 'REAL']),
  ...named('boolean', ['BOOLEAN']),
  ...named('binary', ['BINARY', 'VARBINARY']),
  ...named('date', ['DATE']),
  ...named('time', ['TIME']),
  ...named('timestamp_ntz', ['TIMESTAMP_NTZ', 'DATETIME']),
  ...named('timestamp_ltz', ['TIMESTAMP_LTZ']),
  ...named('timestamp_tz', ['TIMESTAMP_TZ']),
])

function named(family: TypeFamily, names: readonly string[]): [string, TypeFamily][] {
  return names.map((name) => [name, family])
}

export function familyOf(type: ColumnType): TypeFamily {
  return families.get(type.name) ?? 'other'
}

/**
 * The exact declared type as SQL, for CAST; null where the catalogue's name does not say it all
 * (VECTOR, MAP, structured types) or where no cast is needed to keep it.
 */
export function sqlType(type: ColumnType): string | null {
  return spellings[familyOf(type)](type)
}

const spellings: Readonly<Record<TypeFamily, (type: ColumnType) => string | null>> = {
  text: (type) => parameterised('VARCHAR', type.length),
  number: (type) =>
    type.precision === null
      ? 'NUMBER'
      : `NUMBER(${String(type.precision)},${String(type.scale ?? 0)})`,
  float: () => 'FLOAT',
  boolean: () => 'BOOLEAN',
  binary: (type) => parameterised('BINARY', type.length),
  date: () => 'DATE',
  time: (type) => parameterised('TIME', type.scale ?? type.precision),
  timestamp_ntz: (type) => parameterised('TIMESTAMP_NTZ', type.scale ?? type.precision),
  timestamp_ltz: (type) => parameterised('TIMESTAMP_LTZ', type.scale ?? type.precision),
  timestamp_tz: (type) => parameterised('TIMESTAMP_TZ', type.scale ?? type.precision),
  other: () => null,
}

function parameterised(name: string, parameter: number | null): string {
  return parameter === null ? name : `${name}(${String(parameter)})`
}

/** For messages: `NUMBER(10,2)`, or the catalogue's name where that is all there is. */
export function printType(type: ColumnType): string {
  return sqlType(type) ?? type.name
}
