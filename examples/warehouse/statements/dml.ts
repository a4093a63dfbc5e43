import { run } from '../engine/duck.ts'
import type { TreeNode } from '../sql/tree.ts'
import { compileQuery, type StatementContext } from './context.ts'
import { type Outcome, statementTypes } from './outcome.ts'
import { counts } from './synthetic.ts'

export type DmlKind = 'insert' | 'update' | 'delete' | 'merge'

const answers: Readonly<Record<DmlKind, (changed: number) => Outcome>> = {
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
  // DuckDB counts a MERGE's rows together; Snowflake's column for updates carries the sum.
  merge: (n) =>
    counts(
      statementTypes.merge,
      { 'number of rows inserted': 0, 'number of rows updated': n },
      { numRowsUpdated: n },
    ),
}

/** INSERT, UPDATE, DELETE and MERGE. */
export async function runDml(
  context: StatementContext,
  kind: DmlKind,
  tree: TreeNode,
): Promise<Outcome> {
  const compiled = compileQuery(context, tree)
  if (context.describeOnly) return answers[kind](0)
  const result = await run(context.session.connection, compiled.sql)
  return answers[kind](result.rowsChanged)
}
