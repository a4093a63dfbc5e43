import { SnowflakeError } from '../engine/errors.ts'
import { tokens } from './tokens.ts'

/** One entry of the request's `bindings`. */
export interface Binding {
  readonly type: string
  readonly value: string | null | readonly (string | null)[]
}

const escaped = (value: string): string =>
  `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

function isoFromNanos(value: string): string {
  const nanos = BigInt(value)
  const millis = nanos / 1_000_000n - (nanos % 1_000_000n < 0n ? 1n : 0n)
  const rest = (nanos - millis * 1_000_000n).toString().padStart(6, '0')
  const iso = new Date(Number(millis)).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}${rest}`
}

function timeFromNanos(value: string): string {
  return isoFromNanos(value).slice(11)
}

function zoned(value: string): string {
  const [nanos = '0', packed = '1440'] = value.split(' ')
  const offset = Number(packed) - 1440
  const local = isoFromNanos(String(BigInt(nanos) + BigInt(offset) * 60_000_000_000n))
  const size = Math.abs(offset)
  const pad = (part: number) => String(part).padStart(2, '0')
  return `${local} ${offset < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}${pad(size % 60)}`
}

/** How a bound value of each wire type is written as a literal. */
const literals: Readonly<Record<string, (value: string) => string>> = {
  FIXED: (value) => (/^-?\d+(\.\d+)?$/.test(value) ? value : `${escaped(value)}::NUMBER`),
  REAL: (value) => `${escaped(value)}::FLOAT`,
  TEXT: escaped,
  BOOLEAN: (value) => (value.toLowerCase() === 'true' || value === '1' ? 'TRUE' : 'FALSE'),
  BINARY: (value) => `TO_BINARY(${escaped(value)}, 'HEX')`,
  DATE: (value) => `${escaped(new Date(Number(value)).toISOString().slice(0, 10))}::DATE`,
  TIME: (value) => `${escaped(timeFromNanos(value))}::TIME`,
  TIMESTAMP_NTZ: (value) => `${escaped(isoFromNanos(value))}::TIMESTAMP_NTZ`,
  TIMESTAMP_LTZ: (value) => `${escaped(`${isoFromNanos(value)}Z`)}::TIMESTAMP_LTZ`,
  TIMESTAMP_TZ: (value) => `${escaped(zoned(value))}::TIMESTAMP_TZ`,
  VARIANT: (value) => `PARSE_JSON(${escaped(value)})`,
  OBJECT: (value) => `PARSE_JSON(${escaped(value)})`,
  ARRAY: (value) => `PARSE_JSON(${escaped(value)})`,
}

function literalOf(type: string, value: string | null): string {
  if (value === null) return 'NULL'
  return (literals[type.toUpperCase()] ?? escaped)(value)
}

export interface Bound {
  /** One statement per row of bound arrays; usually one. */
  readonly statements: readonly string[]
  readonly markers: number
}

/**
 * Puts bound values in the place of `?`, `:1` and `:name`. When only describing, a marker without
 * a value stands for NULL. @throws SnowflakeError 002049 for a marker without a value.
 */
export function applyBindings(
  sql: string,
  bindings: Readonly<Record<string, Binding>> | undefined,
  describeOnly: boolean,
): Bound {
  const markers = findMarkers(sql)
  if (markers.length === 0) return { statements: [sql], markers: 0 }
  const rows = Math.max(
    1,
    ...Object.values(bindings ?? {}).map(({ value }) => (Array.isArray(value) ? value.length : 1)),
  )
  const statements = Array.from({ length: rows }, (_, row) => {
    let output = ''
    let copied = 0
    for (const marker of markers) {
      output += sql.slice(copied, marker.start) + valueFor(marker.key, bindings, row, describeOnly)
      copied = marker.end
    }
    return output + sql.slice(copied)
  })
  return { statements, markers: markers.length }
}

function valueFor(
  key: string,
  bindings: Readonly<Record<string, Binding>> | undefined,
  row: number,
  describeOnly: boolean,
): string {
  const binding = bindings?.[key]
  if (binding === undefined) {
    if (describeOnly) return 'NULL'
    throw new SnowflakeError(
      '002049',
      '42601',
      `SQL compilation error: error line 1 at position 0\nBind variable :${key} not set.`,
    )
  }
  const value = Array.isArray(binding.value)
    ? ((binding.value as readonly (string | null)[])[row] ?? null)
    : binding.value
  return literalOf(binding.type, value as string | null)
}

interface Marker {
  readonly key: string
  readonly start: number
  readonly end: number
}

function findMarkers(sql: string): readonly Marker[] {
  const all = tokens(sql)
  const markers: Marker[] = []
  all.forEach((token, index) => {
    if (token.kind !== 'symbol') return
    if (token.text === '?')
      markers.push({ key: String(markers.length + 1), start: token.start, end: token.end })
    const next = all[index + 1]
    const before = all[index - 1]
    // `payload:field` is a path and `a::b` a cast; a marker's colon follows neither a name nor a value.
    const follows = before !== undefined && ['quoted', 'string', 'number'].includes(before.kind)
    const afterName = before?.kind === 'word' && before.end === token.start
    const isMarker =
      token.text === ':' && next !== undefined && next.start === token.end && !follows && !afterName
    if (!isMarker || before?.text === ')' || before?.text === ']') return
    if (next.kind === 'number' || next.kind === 'word') {
      markers.push({ key: sql.slice(next.start, next.end), start: token.start, end: next.end })
    }
  })
  return markers
}
