/**
 * Columns that a statement reads, in whatever place. Lineage finds them with every column taken
 * for a protected one; what it cannot trace uses every column of what it reads.
 */

import type { QualifiedName, Resolution } from '../../catalog/types.ts'
import type { TableReference } from '../../sql/ast.ts'
import type { StatementFacts } from '../../sql/facts-types.ts'
import type { Parsed } from '../../sql/index.ts'
import { startTracing } from '../lineage/trace.ts'
import type { MaskedColumn } from '../masked.ts'
import { Relations } from './relations.ts'
import { traceEverything } from './trace.ts'
import { BehindViews } from './views.ts'

export interface ReadColumn {
  readonly relation: QualifiedName
  readonly column: string
}

export interface ReadInput {
  readonly parsed: Parsed
  readonly facts: StatementFacts
  readonly resolution: Resolution
}

export function readColumns({ parsed, resolution }: ReadInput): readonly ReadColumn[] {
  const relations = new Relations()
  const named = new Set<MaskedColumn>()
  const byReference = new Map(
    resolution.objects.map(({ use, relation }) => [use.reference, relation]),
  )
  const tracer = startTracing({
    objectOf: (reference: TableReference) => {
      const relation = byReference.get(reference)
      return relation && relations.object(relation)
    },
    named: ({ taint }) => {
      for (const column of taint.keys()) named.add(column)
    },
    requalify: () => undefined,
  })
  const targets = resolution.targets.flatMap(({ use, relation }) =>
    relation === null ? [] : [{ name: use.name, object: relations.object(relation) }],
  )
  const read = resolution.objects.map(({ relation }) => relation)
  if (!traceEverything(parsed.statement, tracer, targets)) {
    const changed = resolution.targets.flatMap(({ relation }) => relation ?? [])
    for (const relation of [...read, ...changed]) {
      for (const column of relations.columns(relation)) named.add(column)
    }
  }
  const views = new BehindViews(resolution.relations, relations)
  for (const relation of new Set(read)) {
    for (const column of views.inPredicates(relation)) named.add(column)
  }
  for (const column of [...named]) {
    for (const base of views.behind(column)) named.add(base)
  }
  return [...named].map(({ relation, column }) => ({
    relation: relation.name,
    column: column.name,
  }))
}
