/** MERGE. */

import type { Merge } from '../../sql/statements.ts'
import { withFrom } from '../lineage/from.ts'
import { outermost } from '../lineage/trace.ts'
import { derived, unordered } from '../lineage/taint.ts'
import type { Shape } from '../lineage/types.ts'
import { assign, everyName, namesOf } from './columns.ts'
import { storeByName } from './insert.ts'
import type { Writing } from './writing.ts'

export function merge(statement: Merge, writing: Writing): void {
  const { name, alias, source, on, whens } = statement
  if (writing.setting.harmless) return
  const target = writing.target(name)
  const own = { ...outermost, sources: [writing.source(target, alias)] }
  const scope = withFrom([source], own, writing.tracer)
  writing.predicate('MERGE … ON', on, scope)
  for (const { match, condition, allByName, assignments, columns, values } of whens) {
    writing.predicate(`WHEN ${match} AND …`, condition, scope)
    if (allByName) storeByName(writing, target, together(scope.sources.slice(1)), source)
    for (const { column, value } of assignments) {
      assign(writing, target, namesOf([column])[0], value, scope)
    }
    const names = columns.length === 0 ? everyName(target) : namesOf(columns)
    for (const [index, value] of values.entries()) {
      assign(writing, target, names[index], value, scope)
    }
  }
}

/** All that the source has, side by side. */
function together(sources: readonly { readonly shape: Shape }[]): Shape {
  const [only, ...more] = sources.map(({ shape }) => shape)
  if (only !== undefined && more.length === 0) return only
  const columns = sources.flatMap(({ shape }) => shape.columns)
  return unordered(columns, derived(sources.map(({ shape }) => shape.rest)))
}
