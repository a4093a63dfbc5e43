/** A column type as Snowflake declares it. */
export type SnowType =
  | { readonly kind: 'fixed'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'text' | 'binary'; readonly length: number }
  | {
      readonly kind: 'time' | 'timestamp_ntz' | 'timestamp_ltz' | 'timestamp_tz'
      readonly scale: number
    }
  | { readonly kind: 'real' | 'boolean' | 'date' | 'variant' | 'object' | 'array' }

export type SnowKind = SnowType['kind']

export const MAX_TEXT = 16_777_216
export const MAX_BINARY = 8_388_608

export const fixed = (precision: number, scale = 0): SnowType => ({
  kind: 'fixed',
  precision,
  scale,
})
export const text = (length = MAX_TEXT): SnowType => ({ kind: 'text', length })
export const plain = (
  kind: 'real' | 'boolean' | 'date' | 'variant' | 'object' | 'array',
): SnowType => ({
  kind,
})

type Make = (a: number | undefined, b: number | undefined) => SnowType

const number: Make = (p, s) => fixed(p ?? 38, s ?? 0)
const integer: Make = () => fixed(38, 0)
const real: Make = () => plain('real')
const varchar: Make = (n) => text(n)
const character: Make = (n) => text(n ?? 1)
const binary: Make = (n) => ({ kind: 'binary', length: n ?? MAX_BINARY })
const stamp =
  (kind: 'time' | 'timestamp_ntz' | 'timestamp_ltz' | 'timestamp_tz'): Make =>
  (scale) => ({ kind, scale: scale ?? 9 })
const semi =
  (kind: 'variant' | 'object' | 'array' | 'boolean' | 'date'): Make =>
  () =>
    plain(kind)

/** Every spelling of a type name in Snowflake's SQL (docs: "Summary of data types"). */
const names: Readonly<Record<string, Make>> = {
  NUMBER: number,
  DECIMAL: number,
  DEC: number,
  NUMERIC: number,
  INT: integer,
  INTEGER: integer,
  BIGINT: integer,
  SMALLINT: integer,
  TINYINT: integer,
  BYTEINT: integer,
  FLOAT: real,
  FLOAT4: real,
  FLOAT8: real,
  DOUBLE: real,
  'DOUBLE PRECISION': real,
  REAL: real,
  VARCHAR: varchar,
  STRING: varchar,
  TEXT: varchar,
  NVARCHAR: varchar,
  NVARCHAR2: varchar,
  'CHAR VARYING': varchar,
  'NCHAR VARYING': varchar,
  CHAR: character,
  CHARACTER: character,
  NCHAR: character,
  BINARY: binary,
  VARBINARY: binary,
  BOOLEAN: semi('boolean'),
  DATE: semi('date'),
  TIME: stamp('time'),
  DATETIME: stamp('timestamp_ntz'),
  TIMESTAMP: stamp('timestamp_ntz'),
  TIMESTAMPNTZ: stamp('timestamp_ntz'),
  TIMESTAMP_NTZ: stamp('timestamp_ntz'),
  'TIMESTAMP WITHOUT TIME ZONE': stamp('timestamp_ntz'),
  TIMESTAMPLTZ: stamp('timestamp_ltz'),
  TIMESTAMP_LTZ: stamp('timestamp_ltz'),
  'TIMESTAMP WITH LOCAL TIME ZONE': stamp('timestamp_ltz'),
  TIMESTAMPTZ: stamp('timestamp_tz'),
  TIMESTAMP_TZ: stamp('timestamp_tz'),
  'TIMESTAMP WITH TIME ZONE': stamp('timestamp_tz'),
  VARIANT: semi('variant'),
  OBJECT: semi('object'),
  ARRAY: semi('array'),
}

/** Reads a declared type such as `NUMBER(10, 2)`; undefined when it is none of Snowflake's. */
export function parseType(declared: string): SnowType | undefined {
  const match = /^\s*([A-Za-z_0-9 ]+?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*$/.exec(declared)
  const name = match?.[1]?.toUpperCase().replace(/\s+/g, ' ')
  if (match === null || name === undefined || !Object.hasOwn(names, name)) return undefined
  const arg = (index: number) => (match[index] === undefined ? undefined : Number(match[index]))
  return names[name]?.(arg(2), arg(3))
}

/** DuckDB's column type that stores a Snowflake type without loss. */
export function duckTypeOf(type: SnowType): string {
  switch (type.kind) {
    case 'fixed':
      return `DECIMAL(${type.precision}, ${type.scale})`
    case 'text':
      return 'VARCHAR'
    case 'binary':
      return 'BLOB'
    case 'real':
      return 'DOUBLE'
    case 'boolean':
      return 'BOOLEAN'
    case 'date':
      return 'DATE'
    case 'time':
      return 'TIME'
    case 'timestamp_ntz':
      return 'TIMESTAMP'
    case 'timestamp_ltz':
      return 'TIMESTAMPTZ'
    case 'timestamp_tz':
      return 'STRUCT(utc TIMESTAMP, tz INTEGER)'
    case 'variant':
    case 'object':
    case 'array':
      return 'JSON'
  }
}

/** The name in INFORMATION_SCHEMA.COLUMNS.DATA_TYPE. */
export function informationName(type: SnowType): string {
  if (type.kind === 'fixed') return 'NUMBER'
  if (type.kind === 'real') return 'FLOAT'
  return type.kind.toUpperCase()
}

/** The name as DESCRIBE TABLE and GET_DDL print it. */
export function declaredName(type: SnowType): string {
  if (type.kind === 'fixed') return `NUMBER(${type.precision},${type.scale})`
  if (type.kind === 'text') return `VARCHAR(${type.length})`
  if (type.kind === 'binary') return `BINARY(${type.length})`
  return 'scale' in type ? `${informationName(type)}(${type.scale})` : informationName(type)
}
