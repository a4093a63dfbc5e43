/** What a new table is made from, other than a query: CLONE, LIKE, archives, backups. */

import type { Expression, Source } from '../../ast.ts'
import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import { timeTravel } from '../../parser/relation-clauses.ts'

/** A table behind words from token `start` on, with AT or BEFORE where its rows are taken. */
export function tableSource(p: Parser, start: number, type: 'CLONE' | 'LIKE' | 'FROM'): Source {
  const from = p.index
  const name = targetName(p, 'the name of a table')
  const travel = type === 'LIKE' ? [] : timeTravel(p)
  if (name.kind === 'DynamicName') return source(p, start, type, { name, timeTravel: travel })
  const table = { ...relation, span: p.span(from), name, timeTravel: travel }
  return source(p, start, type, { table })
}

const relation = {
  kind: 'TableReference',
  ...{ alias: undefined, columnAliases: [], sample: [], timeTravel: [] },
} as const

/** `USING TEMPLATE (query)`: the query gives the columns, not the rows. */
export function templateSource(p: Parser, start: number): Source {
  const query = p.rules.query(p)
  return source(p, start, 'USING TEMPLATE', { query })
}

interface ArchiveSource {
  readonly source: Source
  readonly condition: Expression
}

/** `FROM ARCHIVE OF t [AS a] WHERE …`. */
export function archiveSource(p: Parser, start: number): ArchiveSource {
  const at = p.index
  const name = p.objectName('the name of a table')
  const span = p.span(at)
  const aliased = p.accept('AS') || p.atIdentifier()
  const alias = aliased ? p.identifier('an alias') : undefined
  const found = source(p, start, 'FROM', { table: { ...relation, span, name, alias } })
  p.expect('WHERE')
  return { source: found, condition: p.rules.expression(p) }
}

interface BackupSource {
  readonly source: Source
  readonly id: Expression
}

/** `FROM BACKUP SET s IDENTIFIER '…'`. */
export function backupSource(p: Parser, start: number): BackupSource {
  const name = targetName(p, 'the name of a backup set')
  const found = { ...source(p, start, 'FROM', { name }), objectClass: 'BACKUP SET' }
  p.expect('IDENTIFIER')
  if (p.type() !== 'string') p.fail('the identifier of a backup in quotes')
  return { source: found, id: p.rules.count(p) }
}

function source(
  p: Parser,
  start: number,
  type: Source['type'],
  given: Partial<Pick<Source, 'table' | 'name' | 'timeTravel' | 'query'>>,
): Source {
  const none = { table: undefined, name: undefined, timeTravel: [], query: undefined }
  return { kind: 'Source', span: p.span(start), type, objectClass: 'TABLE', ...none, ...given }
}
