import type { Relation } from '../engine/catalogue.ts'
import { objectMissing } from '../engine/errors.ts'
import { Cursor, tokens } from './tokens.ts'
import { parseStatement } from './translate.ts'
import { child, expression, identifier, list, mapTree, string, type Tree } from './tree.ts'

/** TABLE([db.]INFORMATION_SCHEMA.TAG_REFERENCES_ALL_COLUMNS('name', 'table')) as a query of its rows. */
export function listings(
  lookUp: (parts: readonly string[]) => Relation | undefined,
  tree: Tree,
): Tree {
  return mapTree(tree, (node) => {
    const found = expression(node)
    if (found?.kind !== 'function' || string(found.body, 'name')?.toUpperCase() !== 'TABLE')
      return node
    const method = child(list(found.body, 'args')[0], 'method_call')
    if (identifier(method, 'method')?.toUpperCase() !== 'TAG_REFERENCES_ALL_COLUMNS') return node
    const named = string(child(list(method, 'args')[0], 'literal'), 'value') ?? ''
    return subquery(rowsOf(relationOf(lookUp, named)))
  })
}

function relationOf(
  lookUp: (parts: readonly string[]) => Relation | undefined,
  named: string,
): Relation {
  const relation = lookUp(new Cursor(named, tokens(named)).qualifiedName())
  if (relation === undefined) throw objectMissing('Object', named)
  return relation
}

const columns = [
  'TAG_DATABASE', 'TAG_SCHEMA', 'TAG_NAME', 'TAG_VALUE', 'LEVEL',
  'OBJECT_DATABASE', 'OBJECT_SCHEMA', 'OBJECT_NAME', 'DOMAIN', 'COLUMN_NAME',
] // prettier-ignore

/** A tag of the table is one of each of its columns that has no other value of it. */
function rowsOf(relation: Relation): readonly (readonly string[])[] {
  const tags = relation.tags ?? []
  const { database, schema, name } = relation
  return relation.columns.flatMap((column) => {
    const own = tags.filter((tag) => tag.column === column.name)
    const inherited = tags.filter(
      (tag) => tag.column === null && !own.some((other) => other.name.join() === tag.name.join()),
    )
    return [...own, ...inherited].map((tag) => [
      ...tag.name, tag.value, tag.column === null ? 'TABLE' : 'COLUMN',
      database, schema, name, 'COLUMN', column.name,
    ]) // prettier-ignore
  })
}

const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

function subquery(rows: readonly (readonly string[])[]): Tree {
  const none = `SELECT ${columns.map((name) => `CAST(NULL AS VARCHAR) AS ${name}`).join(', ')} LIMIT 0`
  const selects = rows.map(
    (row) =>
      `SELECT ${row.map((cell, at) => `${literal(cell)} AS ${columns[at] ?? ''}`).join(', ')}`,
  )
  const parsed = parseStatement(
    `SELECT * FROM (${rows.length === 0 ? none : selects.join(' UNION ALL ')}) AS T`,
  )
  return list(child(child(parsed, 'select'), 'from'), 'expressions')[0]
}
