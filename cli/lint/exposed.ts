/** Columns that look personal, that agents may read, and that no rule masks. */

import { stringify } from 'yaml'

import { displayObject, matchesColumn, matchesObject } from '../../sidecar/catalog/names.ts'
import type { CatalogColumn, CatalogRelation } from '../../sidecar/catalog/types.ts'
import type {
  Bundle,
  CompiledPolicy,
  CompiledRule,
  MaskMethod,
} from '../../sidecar/control/bundle.ts'
import { maskOf } from '../../sidecar/masking/methods/index.ts'
import { protectedColumns } from '../../sidecar/masking/protected.ts'
import { familyOf } from '../../sidecar/masking/column-types.ts'
import { printName } from '../../sidecar/sql/names.ts'
import type { Check, Finding } from './finding.ts'
import { sensitiveByName, sensitiveByTag, type Sensitive } from './sensitive.ts'

interface Exposed {
  readonly column: string
  readonly sensitive: Sensitive
  readonly method: MaskMethod
}

/** One finding for each kind of column and method, with the MaskingRule to paste. */
export const exposedColumns: Check = ({ bundle, relations }) => {
  const exposed = (relations ?? [])
    // A view's columns are masked with those that they come from.
    .filter((relation) => relation.kind === 'table')
    .flatMap((relation) => exposedIn(relation, bundle))
  const groups = Map.groupBy(exposed, ({ sensitive, method }) =>
    JSON.stringify([sensitive.kind, method]),
  )
  return [...groups.values()].map((group): Finding => {
    const [first] = group
    const columns = group.map(({ column }) => column)
    return {
      severity: 'suggestion',
      check: 'unmasked-column',
      subject: null,
      place: null,
      message: `agents may read what seems to be ${first?.sensitive.what ?? 'personal'}, and no rule masks it: ${columns.join(', ')}`,
      advice: 'Mask it, or let no Allow rule reach it.',
      paste: first === undefined ? null : maskingRule(first, columns, bundle),
    }
  })
}

/** Without asking anybody: an approval is given by who knows what the column holds. */
function isRead({ rules }: CompiledPolicy, relation: CatalogRelation, column: string): boolean {
  const speaking = rules.filter((rule) => speaksOf(rule, relation, column))
  const guards = ({ action, when, functions, stages }: CompiledRule): boolean =>
    action !== 'Allow' && when === undefined && functions.length + stages.length === 0
  return speaking.some(({ action }) => action === 'Allow') && !speaking.some(guards)
}

function speaksOf(rule: CompiledRule, { name }: CatalogRelation, column: string): boolean {
  const { statements, objects, columns, functions, stages } = rule
  if (statements.length > 0 && !statements.includes('Query')) return false
  if (objects.length + columns.length === 0) return functions.length + stages.length === 0
  return (
    (objects.length === 0 || objects.some((pattern) => matchesObject(pattern, name))) &&
    (columns.length === 0 || columns.some((pattern) => matchesColumn(pattern, name, column)))
  )
}

function exposedIn(relation: CatalogRelation, { masks, policies }: Bundle): readonly Exposed[] {
  const masked = protectedColumns(masks, relation)
  return relation.columns.flatMap((column) => {
    if (masked.has(column.name) || familyOf(column.type) === 'boolean') return []
    if (!policies.some((policy) => isRead(policy, relation, column.name))) return []
    const sensitive = sensitiveIn(column, relation)
    if (sensitive === undefined || isKey(column, sensitive)) return []
    const method = sensitive.masks.find((each) => maskOf(each).accepts(column.type))
    const name = `${displayObject(relation.name)}.${printName([column.name])}`
    return [{ column: name, sensitive, method: method ?? { kind: 'null' } }]
  })
}

function sensitiveIn({ name }: CatalogColumn, relation: CatalogRelation): Sensitive | undefined {
  const byTag = (relation.tags ?? [])
    .filter((tag) => tag.column === name)
    .map(sensitiveByTag)
    .find((found) => found !== undefined)
  return sensitiveByName(name, relation.name.name) ?? byTag
}

/** ADDRESS_ID as a number is a key into a table of addresses. */
function isKey({ name, type }: CatalogColumn, { kind }: Sensitive): boolean {
  return kind !== 'national-id' && familyOf(type) === 'number' && /_?(?:id|key|sk|fk)$/i.test(name)
}

function maskingRule(
  { sensitive, method }: Exposed,
  columns: readonly string[],
  { connection }: Bundle,
): string {
  const { kind, ...parameters } = method
  const kept = Object.entries(parameters).filter(([, value]) => value !== 0)
  return stringify({
    apiVersion: 'frostgate.dev/v1alpha1',
    kind: 'MaskingRule',
    metadata: { name: sensitive.kind },
    spec: {
      connectionRef: { name: connection.name },
      columns,
      mask: { [kind]: Object.fromEntries(kept) },
    },
  })
}
