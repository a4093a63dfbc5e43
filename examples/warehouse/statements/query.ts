import { cellText } from '../engine/cells.ts'
import { describe, type DuckResult, run } from '../engine/duck.ts'
import { outputColumns } from '../engine/output.ts'
import { type Known } from '../sql/infer.ts'
import type { Compiled, StatementContext } from './context.ts'
import { compileQuery } from './context.ts'
import { type Outcome, type Row, statementTypes } from './outcome.ts'
import type { TreeNode } from '../sql/tree.ts'

/** DuckDB's values as wire cells. */
export function toRows(
  result: DuckResult,
  known: readonly Known[] | undefined,
): Pick<Outcome, 'columns' | 'rows'> {
  const columns = outputColumns(result.names, result.types, known)
  const rows = result.rows.map((row): Row =>
    columns.map((column, index) => cellText(row[index] ?? null, column.type)),
  )
  return { columns, rows }
}

/** SELECT, WITH, VALUES and set operations. */
export async function runQuery(context: StatementContext, tree: TreeNode): Promise<Outcome> {
  const compiled: Compiled = compileQuery(context, tree)
  await context.informationSchema.refresh(context.session, compiled.informationSchemas)
  const { connection } = context.session
  const result = context.describeOnly
    ? await describe(connection, compiled.sql)
    : await run(connection, compiled.sql)
  return { ...toRows(result, compiled.known), statementTypeId: statementTypes.select }
}
