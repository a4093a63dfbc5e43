import { duckPath } from '../engine/catalogue.ts'
import { run } from '../engine/duck.ts'
import { foldIdentifiers } from '../sql/names.ts'
import { child, string, type TreeNode, visitTree } from '../sql/tree.ts'
import { compileQuery, type StatementContext } from './context.ts'
import { type Outcome, statementTypes } from './outcome.ts'
import { counts } from './synthetic.ts'
import { existing } from './targets.ts'

export type DmlKind = 'insert' | 'update' | 'delete' | 'merge'

const answers: Readonly<Record<Exclude<DmlKind, 'merge'>, (changed: number) => Outcome>> = {
  insert: (n) =>
    counts(statementTypes.insert, { 'number of rows inserted': n }, { numRowsInserted: n }),
  update: (n) =>
    counts(
      statementTypes.update,
      { 'number of rows updated': n, 'number of multi-joined rows updated': 0 },
      { numRowsUpdated: n },
    ),
  delete: (n) =>
    counts(statementTypes.delete, { 'number of rows deleted': n }, { numRowsDeleted: n }),
}

/** INSERT, UPDATE, DELETE and MERGE. */
export async function runDml(
  context: StatementContext,
  kind: DmlKind,
  tree: TreeNode,
): Promise<Outcome> {
  const insert = child(tree, 'insert')
  const overwrites = insert?.['overwrite'] === true
  // DuckDB's INSERT only adds to what is there.
  const compiled = compileQuery(
    context,
    overwrites ? { insert: { ...insert, overwrite: false } } : tree,
  )
  await context.informationSchema.refresh(context.session, compiled.informationSchemas)
  if (kind === 'merge') return merge(context, tree, compiled.sql)
  if (context.describeOnly) return answers[kind](0)
  const { connection } = context.session
  if (!overwrites) return answers[kind]((await run(connection, compiled.sql)).rowsChanged)
  const path = duckPath(
    existing(context, foldIdentifiers(child(insert, 'table') ?? {}) as TreeNode),
  )
  // New rows have higher numbers, and may be made of the old ones, which go only now.
  const before = await run(connection, `SELECT COALESCE(MAX(rowid), -1) FROM ${path}`)
  const result = await run(connection, compiled.sql)
  await run(connection, `DELETE FROM ${path} WHERE rowid <= ${String(before.rows[0]?.[0])}`)
  return answers[kind](result.rowsChanged)
}

/** Snowflake counts what each kind of WHEN clause did, and only for those that there are. */
async function merge(context: StatementContext, tree: TreeNode, sql: string): Promise<Outcome> {
  const actions = context.describeOnly
    ? []
    : (await run(context.session.connection, `${sql} RETURNING merge_action`)).rows.map(String)
  const count = (action: string): number => actions.filter((each) => each === action).length
  const present = clausesOf(tree)
  const cells = mergeCells.filter(([action]) => present.has(action))
  return counts(
    statementTypes.merge,
    Object.fromEntries(cells.map(([action, cell]) => [cell, count(action)])),
    {
      numRowsInserted: count('INSERT'),
      numRowsUpdated: count('UPDATE'),
      numRowsDeleted: count('DELETE'),
    },
  )
}

const mergeCells = [
  ['INSERT', 'number of rows inserted'],
  ['UPDATE', 'number of rows updated'],
  ['DELETE', 'number of rows deleted'],
] as const

function clausesOf(tree: TreeNode): ReadonlySet<string> {
  const found = new Set<string>()
  visitTree(child(child(tree, 'merge'), 'whens'), (node) => {
    const action = string(child(node, 'var'), 'this')
    if (action !== undefined) found.add(action)
  })
  return found
}
