/** Who may give a protected column values: where it matters, only if a rule names it. */

import type { TargetColumn } from '../sql/dml/target.ts'
import type { Statement } from '../sql/statements.ts'
import { uncovered } from './baseline.ts'
import { namesColumn } from './rules.ts'
import { speaksOfClass } from './rule-set.ts'
import type { Refusal, StatementCase } from './statement-case.ts'
import { accountDatabase } from './visibility.ts'
import { displayColumn, mayApply } from './when.ts'

/**
 * A real value that is overwritten is gone, and who sees only masks cannot know what it was. New
 * rows overwrite nothing; but with a keyed mask, whoever writes guesses and reads their tokens has
 * a dictionary of everybody's.
 */
export function refuseProtectedWrite(statementCase: StatementCase): Refusal | undefined {
  const { statement } = statementCase
  const overwritten = overwrites(statement) ?? (() => false)
  if (!mayOverwrite(statement)) return undefined
  const open = (statementCase.columns ?? []).filter(
    (use) =>
      use.protected &&
      use.privilege === 'WRITE' &&
      (overwritten(use.column) || use.keyed === true) &&
      !isNamed(statementCase, use),
  )
  if (open.length === 0) return undefined
  const words = open.map((use) =>
    overwritten(use.column)
      ? `overwriting the protected column ${displayColumn(use)}`
      : `adding values to ${displayColumn(use)}, of which tokens are shown`,
  )
  return uncovered(statementCase, words, 'A rule for DML must name the column under columns. ')
}

/** Whether the statement is of a sort that gives columns values. */
export function mayOverwrite(statement: Statement): boolean {
  return ['Insert', 'MultiInsert', 'Merge', 'Update'].includes(statement.kind)
}

type Column = NonNullable<StatementCase['columns']>[number]

function isNamed(statementCase: StatementCase, use: Column): boolean {
  const { relation } = use
  return statementCase.rules.covering.byObject
    .find(relation, 'star', relation.database === accountDatabase)
    .some((list) =>
      list.some(
        (ranked) =>
          namesColumn(ranked.rule.columns, use) &&
          speaksOfClass(ranked.rule, 'DML') &&
          mayApply(statementCase, ranked),
      ),
    )
}

/** Which columns' values a statement replaces; undefined where it is none of that sort. */
function overwrites(statement: Statement): ((column: string) => boolean) | undefined {
  if (statement.kind === 'Update') return () => true
  if (statement.kind !== 'Merge') return undefined
  const updates = statement.whens.filter(({ action }) => action === 'UPDATE')
  if (updates.some(({ allByName }) => allByName)) return () => true
  const names = updates.flatMap(({ assignments }) =>
    assignments.map(({ column }) => nameOf(column)),
  )
  return (column) => names.some((name) => name === undefined || name === column)
}

/** Undefined where only run time tells it, which is refused for itself. */
function nameOf(column: TargetColumn): string | undefined {
  return column.kind === 'ColumnReference' ? column.parts.at(-1)?.value : undefined
}
