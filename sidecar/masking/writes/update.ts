/** UPDATE. */

import type { Update } from '../../sql/statements.ts'
import { withFrom } from '../lineage/from.ts'
import { outermost } from '../lineage/trace.ts'
import { assign, namesOf } from './columns.ts'
import type { Writing } from './writing.ts'

export function update(statement: Update, writing: Writing): void {
  const { name, alias, assignments, from, where } = statement
  if (writing.setting.harmless) return
  const target = writing.target(name)
  const own = { ...outermost, sources: [writing.source(target, alias)] }
  const scope = withFrom(from, own, writing.tracer)
  for (const { column, value } of assignments) {
    assign(writing, target, namesOf([column])[0], value, scope)
  }
  writing.predicate('a WHERE predicate', where, scope)
}
