/**
 * Columns that masking rules name and that are not there. A rename must not unmask, so such a
 * column closes its schema; a typo must not stop every agent, so it closes no more than that.
 */

import { relationKey } from '../catalog/types.ts'
import type { CatalogRelation, QualifiedName, RelationMap } from '../catalog/types.ts'
import { displayObject } from '../catalog/names.ts'
import type { CompiledMask } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import { printName } from '../sql/names.ts'

/** A column that a rule names in full. Patterns with `*` speak of what some relations have. */
export interface NamedColumn {
  readonly rule: string
  readonly relation: QualifiedName
  readonly column: string
}

export function namedColumns(masks: readonly CompiledMask[]): readonly NamedColumn[] {
  return masks.flatMap((mask) =>
    mask.columns.flatMap(({ database, schema, name, column }) =>
      database === null || schema === null || name === null || column === null
        ? []
        : [{ rule: mask.name, relation: { database, schema, name }, column }],
    ),
  )
}

/** Rules that may match nothing without anyone seeing it: no one object tells. */
export function rulesByTag(masks: readonly CompiledMask[]): readonly string[] {
  return masks.filter(({ tags }) => tags.length > 0).map(({ name }) => name)
}

/** Those in a schema of one of these relations. */
export function bearingOn(
  named: readonly NamedColumn[],
  names: readonly QualifiedName[],
): readonly NamedColumn[] {
  const touched = new Set(names.map(schemaKey))
  return named.filter(({ relation }) => touched.has(schemaKey(relation)))
}

/** `relation` is what the catalogue says of the relation that the column is named in. */
export function isUnmatched({ column }: NamedColumn, relation: CatalogRelation | null): boolean {
  return !relation?.columns.some((existing) => existing.name === column)
}

interface Keyed {
  readonly key: string
  readonly named: NamedColumn
}

/** By the list of rules, which may be long and is never changed. */
const keyed = new WeakMap<readonly CompiledMask[], readonly Keyed[]>()

function keyedColumns(masks: readonly CompiledMask[]): readonly Keyed[] {
  const own =
    keyed.get(masks) ??
    namedColumns(masks).map((named) => ({ key: relationKey(named.relation), named }))
  keyed.set(masks, own)
  return own
}

/** As far as the relations at hand tell; the gateway asks the catalogue for the others. */
export function refuseUnmatched(masks: readonly CompiledMask[], relations: RelationMap): void {
  for (const { key, named } of keyedColumns(masks)) {
    const relation = relations.get(key)
    if (relation && isUnmatched(named, relation)) throw unmatchedError(named)
  }
}

export function unmatchedError({ rule, relation, column }: NamedColumn): FrostgateError {
  return FrostgateError.of('MaskUnmatched', {
    rule,
    column: `${displayObject(relation)}.${printName([column])}`,
    schema: printName([relation.database, relation.schema]),
  })
}

function schemaKey({ database, schema }: QualifiedName): string {
  return relationKey({ database, schema, name: '' })
}
