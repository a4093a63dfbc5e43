/** Where files are: a stage, an address outside Snowflake, or a file of the client's. */

import type { Bind, Literal, Stage } from '../ast.ts'
import type { StageUse } from '../facts-types.ts'
import type { FactCollector } from '../facts/collector.ts'
import type { Parser } from '../parser/parser.ts'

/** A `Literal` is an address: `'s3://bucket/path'`; what a bind names only run time tells. */
export type Location = Stage | Literal | Bind

const part = String.raw`(?:"(?:[^"]|"")+"|[a-z_][\w$]*)`
/** `~` is the user's stage, `%t` a table's; `db..stage` leaves the schema to be PUBLIC. */
const stageName = new RegExp(
  String.raw`^@(?:~|(?:${part}\.){0,2}%?${part}|${part}\.\.%?${part})(?:/|$)`,
  'i',
)

/** https://docs.snowflake.com/en/sql-reference/sql/copy-into-location; snow: is Snowflake's own. */
const address = /^(?:s3|s3gov|s3china|s3compat|gcs|azure|snow):\/\/[^/]/i

/** A stage as one token, or as a string, which may hold blanks. */
function stageReference(p: Parser): Stage {
  const start = p.index
  const token = p.peek()
  const quoted = token?.type === 'string' && stageName.test(token.value)
  if (token?.type !== 'stage' && !quoted) return p.fail('a stage such as @name/path')
  p.take('a stage')
  return { kind: 'Stage', span: p.span(start), text: token.value }
}

export function atLocation(p: Parser, distance = 0): boolean {
  const type = p.type(distance)
  return type === 'stage' || type === 'string' || p.at('?', distance) || p.at(':', distance)
}

export function location(p: Parser): Location {
  const start = p.index
  const token = p.peek()
  if (p.at('?') || p.at(':')) return boundLocation(p)
  if (token?.type !== 'string' || token.value.startsWith('@')) return stageReference(p)
  if (!address.test(token.value)) {
    p.fail("a stage such as @name/path, or an address such as 's3://bucket/path'")
  }
  p.take('an address')
  return { kind: 'Literal', type: 'string', span: p.span(start), value: token.value }
}

function boundLocation(p: Parser): Bind {
  const value = p.rules.count(p)
  return value.kind === 'Bind' ? value : p.fail('a stage such as @name/path')
}

/** `file://…`, with or without quotes. */
export function clientFile(p: Parser): Literal {
  const start = p.index
  const token = p.peek()
  const quoted = token?.type === 'string' && /^file:\/\/./i.test(token.value)
  if (token?.type !== 'path' && !quoted) return p.fail("a file such as 'file:///tmp/x'")
  p.take('a file')
  return { kind: 'Literal', type: 'string', span: p.span(start), value: token.value }
}

/** Stages record themselves, once it is told what is done to them. */
export function recordLocation(
  place: Location,
  access: StageUse['access'],
  facts: FactCollector,
): void {
  const { span } = place
  if (place.kind === 'Stage') facts.stage(span, access)
  else if (place.kind === 'Literal') facts.urls.push({ url: place.value, span })
  else facts.dynamic.push({ what: `a stage given by bind ${place.name}`, span })
}
