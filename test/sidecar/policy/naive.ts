/**
 * DESIGN's meaning of policies, written plainly: every rule is looked at for every access, and
 * nothing is kept from one statement to the next.
 */

import { displayObject } from '../../../sidecar/catalog/names.ts'
import type {
  CompiledPolicy,
  CompiledRule,
  ObjectPattern,
} from '../../../sidecar/control/bundle.ts'
import type { ColumnAccess } from '../../../sidecar/policy/column-access.ts'
import type { StatementClass } from '../../../sidecar/sql/facts-types.ts'

/** A statement as policy sees it, told by hand. */
export interface Told {
  readonly class: StatementClass
  readonly accesses: readonly {
    readonly object: string
    readonly privilege: 'SELECT' | 'WRITE'
    readonly class: StatementClass
  }[]
  /** Relations behind views. */
  readonly behind: readonly string[]
  readonly columns: readonly ColumnAccess[]
}

export function naiveVerdict(
  policies: readonly CompiledPolicy[],
  told: Told,
): 'allow' | 'deny' | 'hold' {
  const enforcing = policies.filter(({ mode }) => mode === 'Enforce')
  if (enforcing.length === 0) return 'allow'
  const rules = enforcing.flatMap((policy) => policy.rules)
  if (rules.some((rule) => rule.action === 'Deny' && matches(rule, told))) return 'deny'
  const giving = rules.filter(({ action }) => action !== 'Deny')
  const uncovered = told.accesses.some(
    (access) => !giving.some((rule) => covers(rule, access, told.columns)),
  )
  if (uncovered) return 'deny'
  const asks = rules.some((rule) => rule.action === 'RequireApproval' && matches(rule, told))
  return asks ? 'hold' : 'allow'
}

function covers(
  rule: CompiledRule,
  { object, privilege, class: ofClass }: Told['accesses'][number],
  columns: readonly ColumnAccess[],
): boolean {
  if (!speaksOf(rule, [ofClass])) return false
  if (rule.objects.length > 0 && !rule.objects.some((each) => is(each, object))) return false
  if (rule.columns.length === 0) return true
  if (!['Query', 'DML'].includes(ofClass)) return false
  if (rule.objects.length === 0 && !rule.columns.some((each) => is(each, object))) return false
  const used = columns.filter(
    (use) => displayObject(use.relation) === object && use.privilege === privilege,
  )
  if (used.length === 0) return rule.action === 'Allow' && privilege === 'SELECT'
  return used.every((use) => names(rule, use))
}

function matches(rule: CompiledRule, told: Told): boolean {
  const common = ['DML', 'DDL', 'Drop', 'Truncate'].includes(told.class) ? [] : [told.class]
  const touched = [
    ...told.accesses.map((access) => ({ object: access.object, own: access.class })),
    ...told.behind.map((object) => ({ object, own: 'Query' as const })),
  ]
  const classes = [told.class, ...touched.map(({ own }) => own)]
  if (rule.objects.length + rule.columns.length === 0) return speaksOf(rule, classes)
  const object = touched.some(
    (each) =>
      speaksOf(rule, [each.own, ...common]) &&
      rule.objects.some((pattern) => is(pattern, each.object)),
  )
  const column = told.columns.some(
    (use) =>
      speaksOf(rule, [use.privilege === 'WRITE' ? told.class : 'Query', ...common]) &&
      names(rule, use),
  )
  return (rule.objects.length === 0 || object) && (rule.columns.length === 0 || column)
}

function speaksOf({ statements }: CompiledRule, classes: readonly StatementClass[]): boolean {
  return statements.length === 0 || classes.some((each) => statements.includes(each))
}

function names(rule: CompiledRule, { relation, column }: ColumnAccess): boolean {
  return rule.columns.some(
    (pattern) => is(pattern, displayObject(relation)) && [null, column].includes(pattern.column),
  )
}

function is({ database, schema, name }: ObjectPattern, object: string): boolean {
  const parts = object.split('.')
  return [database, schema, name].every((part, index) => part === null || part === parts[index])
}
