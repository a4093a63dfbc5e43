/** What new objects are made from: CLONE, FROM, ON, AS REPLICA OF. */

import type { Source } from '../ast.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { timeTravel } from '../parser/relation-clauses.ts'
import { label } from './label.ts'
import { entryAt, sortedOnce } from './phrases.ts'

/** By their words, the class of what they name. */
export type Sources = Readonly<Record<string, string>>

/** What is queried like a table: naming it gives its rows to the new object. */
const relations: ReadonlySet<string> = new Set([
  ...['TABLE', 'VIEW', 'STREAM', 'EXTERNAL TABLE', 'DYNAMIC TABLE', 'EVENT TABLE'],
  ...['ICEBERG TABLE', 'MATERIALIZED VIEW'],
])

/** The source whose words come next, if any. */
export function source(p: Parser, sources: Sources): Source | undefined {
  const start = p.index
  const entry = entryAt(p, sortedOnce(sources))
  if (entry === undefined) return undefined
  const { words, shape: objectClass } = entry
  p.keywords(words.length)
  const from = p.index
  const spelled = p.type() === 'string'
  const name = spelled
    ? spelledName(p)
    : targetName(p, `the name of a ${objectClass.toLowerCase()}`)
  const travel = timeTravel(p)
  const type = types.find((word) => word === words[0]) ?? (words[0] === 'FORK' ? 'CLONE' : 'FROM')
  const none = { query: undefined, table: undefined, timeTravel: [] }
  if (name.kind === 'DynamicName' || !relations.has(objectClass)) {
    const span = p.span(start)
    return { kind: 'Source', type, objectClass, ...none, name, timeTravel: travel, span }
  }
  const reference = { span: p.span(from), name, timeTravel: travel, sample: [] }
  const alias = { alias: undefined, columnAliases: [] }
  const table = { kind: 'TableReference', ...reference, ...alias } as const
  return { kind: 'Source', type, objectClass, ...none, table, name: undefined, span: p.span(start) }
}

const types = ['AS', 'CLONE', 'FROM', 'ON', 'FOR'] as const

/** Listings are named by a string. */
function spelledName(p: Parser) {
  const part = label(p)
  return { kind: 'ObjectName', span: part.span, parts: [part] } as const
}
