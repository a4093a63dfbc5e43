/**
 * What rules speak of by name. Changes of names are judged by all rules, also those from which
 * whoever makes the change is exempt: the mask that it would undo is someone else's.
 */

import { displayObject, matchesColumn, matchesObject } from '../../catalog/names.ts'
import type { CatalogRelation, QualifiedName } from '../../catalog/types.ts'
import { FrostgateError } from '../../errors.ts'
import type { ColumnDefinition } from '../../sql/ast.ts'
import { printName } from '../../sql/names.ts'
import { protectedColumns } from '../protected.ts'
import type { Target, Writing } from './writing.ts'

/** @throws FrostgateError ProtectedChangeRefused where rules name any column of the relation. */
export function refuseReached(writing: Writing, { name, masked }: Target): void {
  const rule = ruleOver(writing, name, masked?.relation ?? null)
  if (rule !== undefined) throw changeRefused(writing, displayObject(name), rule)
}

/** The same of one column by a name that it has, or is to have. */
export function refuseReachedColumn(writing: Writing, target: Target, column: string): void {
  const { name, masked } = target
  const type = { name: 'TEXT', length: null, precision: null, scale: null }
  const known = masked?.relation.columns.find((candidate) => candidate.name === column)
  const tags = masked?.relation.tags ?? []
  const single = relationOf(name, [known ?? { name: column, type, nullable: true }], tags)
  const rule = protectedColumns(writing.setting.all, single).get(column)?.rule
  if (rule === undefined) return
  throw changeRefused(writing, `${displayObject(name)}.${printName([column])}`, rule)
}

/** The name that a relation is to have. */
export function refuseMoved(writing: Writing, { masked }: Target, name: QualifiedName): void {
  const rule = ruleOver(writing, name, masked === null ? null : { ...masked.relation, name })
  if (rule !== undefined) throw changeRefused(writing, displayObject(name), rule)
}

const keyed: ReadonlySet<string> = new Set(['hash', 'token'])

/**
 * Whoever makes a column under a keyed mask, fills it with every value there may be, and reads it,
 * has a dictionary of the tokens.
 * @throws FrostgateError ProtectedChangeRefused
 */
export function refuseKeyed(
  writing: Writing,
  { name }: Target,
  columns: readonly ColumnDefinition[],
): void {
  const rules = writing.setting.binding.filter(({ method }) => keyed.has(method.kind))
  for (const { name: column } of columns) {
    const rule = rules.find((each) =>
      each.columns.some((pattern) => matchesColumn(pattern, name, column.value)),
    )
    if (rule === undefined) continue
    throw changeRefused(writing, `${displayObject(name)}.${printName([column.value])}`, rule.name)
  }
}

/** Where the columns are not known, any rule of the object counts. */
function ruleOver(
  { setting: { all } }: Writing,
  name: QualifiedName,
  relation: CatalogRelation | null,
): string | undefined {
  if (relation !== null) return [...protectedColumns(all, relation).values()][0]?.rule
  return all.find(({ columns }) => columns.some((pattern) => matchesObject(pattern, name)))?.name
}

export function changeRefused(writing: Writing, object: string, rule: string): FrostgateError {
  const parameters = { statement: writing.words, object, rule }
  return FrostgateError.of('ProtectedChangeRefused', parameters)
}

function relationOf(
  name: QualifiedName,
  columns: CatalogRelation['columns'],
  tags: CatalogRelation['tags'],
): CatalogRelation {
  return { name, kind: 'table', columns, body: null, lastDdl: null, tags, temporary: false }
}
