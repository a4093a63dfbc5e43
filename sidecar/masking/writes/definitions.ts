/** Columns that CREATE and ALTER define. */

import type { ColumnDefinition, Constraint } from '../../sql/ast.ts'
import { walk } from '../../sql/index.ts'
import type { Writing } from './writing.ts'

/**
 * What a definition may compute is a constant, so it reads neither a query nor a column; a check
 * would tell of the rows that are there; policies and tags are not an agent's to put on anything.
 * @throws FrostgateError StatementUnsupported
 */
export function refuseDefinitions(
  writing: Writing,
  columns: readonly ColumnDefinition[],
  constraints: readonly Constraint[] = [],
): void {
  for (const { value, constraints: own, attachments } of columns) {
    if (attachments.length > 0) writing.unsupported(`${writing.words} with policies or tags`)
    refuseChecks(writing, own)
    if (value === undefined) continue
    const computed = (): never =>
      writing.unsupported(`${writing.words} with a column computed from others`)
    walk(value, {
      Query: computed,
      Positional: computed,
      // `s.NEXTVAL` is a call of a sequence.
      ColumnReference: ({ parts }) =>
        parts.length > 1 && parts.at(-1)?.value === 'NEXTVAL' ? undefined : computed(),
    })
  }
  refuseChecks(writing, constraints)
}

function refuseChecks(writing: Writing, constraints: readonly Constraint[]): void {
  if (constraints.every(({ check }) => check === undefined)) return
  writing.unsupported(`${writing.words} … CHECK`)
}
