/** What PIVOT, UNPIVOT, MATCH_RECOGNIZE and RESAMPLE compute with. */

import type { Expression, Query, SelectItem, Transform } from '../../sql/ast.ts'

type Kind = Transform['kind']
type Of<K extends Kind> = Extract<Transform, { readonly kind: K }>

const expressionsOf: { readonly [K in Kind]: (transform: Of<K>) => readonly Expression[] } = {
  Pivot: ({ aggregates, column, values, orderBy, defaultOnNull }) => [
    ...valuesOf(aggregates),
    column,
    ...('kind' in values ? [] : valuesOf(values)),
    ...orderBy.map((item) => item.expression),
    ...(defaultOnNull === undefined ? [] : [defaultOnNull]),
  ],
  Unpivot: ({ columns }) => valuesOf(columns),
  MatchRecognize: ({ partitionBy, orderBy, measures, definitions }) => [
    ...partitionBy,
    ...orderBy.map((item) => item.expression),
    ...valuesOf(measures),
    ...definitions.map((definition) => definition.condition),
  ],
  Resample: ({ using, increment, partitionBy, metadata }) => [
    ...[using, increment],
    ...partitionBy,
    ...valuesOf(metadata),
  ],
}

/** The table's rule for a kind takes transforms of that kind. */
export function transformExpressions(transform: Transform): readonly Expression[] {
  const rule = expressionsOf[transform.kind] as (transform: Transform) => readonly Expression[]
  return rule(transform)
}

export function transformQueries(transform: Transform): readonly Query[] {
  return transform.kind === 'Pivot' && 'kind' in transform.values ? [transform.values] : []
}

/** A star reads no more than the relation holds, which counts anyway. */
function valuesOf(items: readonly SelectItem[]): readonly Expression[] {
  return items.flatMap(({ expression }) => (expression.kind === 'Star' ? [] : [expression]))
}
