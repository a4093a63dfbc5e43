import type { Column, Relation } from '../engine/catalogue.ts'
import { objectMissing } from '../engine/errors.ts'
import type { Key } from '../engine/keys.ts'
import { declaredName } from '../engine/types.ts'
import { completeName } from '../sql/names.ts'
import { Cursor } from '../sql/tokens.ts'
import { relationNamed, type StatementContext } from './context.ts'
import { type Outcome, statementTypes } from './outcome.ts'
import { output } from './synthetic.ts'

const columnNames = [
  'name',
  'type',
  'kind',
  'null?',
  'default',
  'primary key',
  'unique key',
  'check',
  'expression',
  'comment',
  'policy name',
  'privacy domain',
]

/** DESCRIBE [TABLE | VIEW] name [TYPE = COLUMNS]. */
export function describeRelation(context: StatementContext): Outcome {
  const cursor = new Cursor(context.sql, context.tokens)
  cursor.next()
  const kind = cursor.take('VIEW') ? 'View' : 'Table'
  cursor.take('TABLE')
  const full = completeName(cursor.qualifiedName(), context.session)
  cursor.take('TYPE', '=', 'COLUMNS')
  cursor.end()
  const relation = relationNamed(context, full)
  if (relation === undefined) throw objectMissing(kind, full.join('.'))
  const rows = relation.columns.map((column) => [
    column.name,
    declaredName(column.type),
    'COLUMN',
    column.nullable ? 'Y' : 'N',
    column.default ?? null,
    isKey(relation, 'PRIMARY KEY', column),
    isKey(relation, 'UNIQUE', column),
    null,
    null,
    null,
    null,
    null,
  ])
  return {
    columns: columnNames.map((name) => output(name)),
    rows: context.describeOnly ? [] : rows,
    statementTypeId: statementTypes.describe,
  }
}

function isKey({ keys = [] }: Relation, kind: Key['kind'], { name }: Column): 'Y' | 'N' {
  return keys.some((key) => key.kind === kind && key.columns.includes(name)) ? 'Y' : 'N'
}
