/** ADD, DROP, RENAME and ALTER of columns: https://docs.snowflake.com/en/sql-reference/sql/alter-table-column */

import type { AlterAction, ColumnDefinition, Identifier } from '../../ast.ts'
import type { Parser } from '../../parser/parser.ts'
import { dataType } from '../../parser/types.ts'
import { action } from '../actions.ts'
import { columnPolicies, tagNames, tagValues } from '../attachments.ts'
import { entryAt, sortedOnce } from '../phrases.ts'
import { propertyValue } from '../properties.ts'
import { one } from './alter.ts'
import type { Changes } from './alter.ts'
import { addConstraint } from './alter-constraints.ts'
import { forced } from './alter-settings.ts'
import { columnChange, columnDefinition, tableColumns } from './columns.ts'

/** What tables of most classes let be done to columns. */
export const columnChanges: Changes = {
  ADD: (p, start) => {
    const constraint = addConstraint(p, start)
    return constraint === undefined ? addColumns(p, start) : [constraint]
  },
  'ADD COLUMN': addColumns,
  DROP: dropColumns,
  'DROP COLUMN': dropColumns,
  'RENAME COLUMN': one((p) => {
    const from = p.identifier('a column')
    p.expect('TO')
    return { names: [from, p.identifier('a new name')] }
  }),
  ALTER: alterColumns,
  MODIFY: alterColumns,
}

function addColumns(p: Parser, start: number): readonly AlterAction[] {
  const columns: ColumnDefinition[] = []
  do {
    if (columns.length > 0) p.accept('COLUMN')
    p.accept('IF', 'NOT', 'EXISTS')
    const column = columnDefinition(p, tableColumns)
    if (column.type === undefined && column.value === undefined) p.fail('a data type')
    columns.push(column)
  } while (p.accept(','))
  return [action(p, start, 'ADD COLUMN', { columns })]
}

function dropColumns(p: Parser, start: number): readonly AlterAction[] {
  const names: Identifier[] = []
  do {
    if (names.length > 0) p.accept('COLUMN')
    p.accept('IF', 'EXISTS')
    names.push(p.identifier('a column'))
  } while (p.accept(','))
  if (!p.accept('CASCADE')) p.accept('RESTRICT')
  return [action(p, start, 'DROP COLUMN', { names })]
}

/** `[COLUMN] a …, [COLUMN] b …`, in parentheses or not. */
export function alterColumns(p: Parser): readonly AlterAction[] {
  const parenthesised = p.accept('(')
  const found = p.list(() => alterColumn(p))
  if (parenthesised) p.expect(')')
  return found
}

function alterColumn(p: Parser): AlterAction {
  const start = p.index
  p.accept('COLUMN')
  const at = p.index
  const name = p.identifier('a column')
  const entry = entryAt(p, sortedOnce(changes))
  // What no words begin is a type: `ALTER a NUMBER(12)`.
  const { words: found, shape } = entry ?? { words: [], shape: type }
  p.keywords(found.length)
  const column = columnChange(p, at, name, shape(p))
  const words = entry === undefined ? 'SET DATA TYPE' : found.join(' ')
  return action(p, start, `ALTER COLUMN ${words}`, { columns: [column] })
}

type Given = NonNullable<Parameters<typeof columnChange>[3]>
type ReadGiven = (p: Parser) => Given

const nothing: ReadGiven = () => ({})
const value: ReadGiven = (p) => ({ value: p.rules.expression(p) })
const type: ReadGiven = (p) => {
  const given = dataType(p)
  // Of structured types in Iceberg tables: fields are matched by position, not by name.
  p.accept('RENAME', 'FIELDS')
  return { type: given }
}

/** `BETWEEN (0, 120)` or `IN ('a', 'b')`: what differential privacy takes for possible. */
const domain: ReadGiven = (p) => {
  if (!p.accept('BETWEEN')) p.expect('IN')
  return p.at('(') ? value(p) : p.fail('"("')
}

/** By the words behind the column's name. */
const changes: Readonly<Record<string, ReadGiven>> = {
  'SET DATA TYPE': type,
  TYPE: type,
  'SET DEFAULT': value,
  'DROP DEFAULT': nothing,
  'SET WRITE DEFAULT': value,
  'DROP WRITE DEFAULT': nothing,
  'SET NOT NULL': nothing,
  'NOT NULL': nothing,
  'DROP NOT NULL': nothing,
  COMMENT: comment,
  'UNSET COMMENT': nothing,
  'SET PRIVACY DOMAIN': domain,
  'UNSET PRIVACY DOMAIN': nothing,
  'SET TAG': (p) => ({ attachments: tagValues(p) }),
  'UNSET TAG': (p) => ({ attachments: tagNames(p) }),
  ...Object.fromEntries(
    columnPolicies.flatMap((policy): [string, ReadGiven][] => [
      [`SET ${policy.name}`, (p) => ({ attachments: [forced(p, policy)] })],
      [`UNSET ${policy.name}`, nothing],
    ]),
  ),
}

function comment(p: Parser): Given {
  const start = p.index - 1
  p.accept('=')
  if (p.type() !== 'string') p.fail('a comment in quotes')
  const text = propertyValue(p)
  return { properties: [{ kind: 'Property', span: p.span(start), name: 'COMMENT', value: text }] }
}
