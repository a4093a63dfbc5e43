/** When a rule matches. Allow matches narrowly, Deny widely: either way a doubt refuses. */

import { matchesColumn, matchesObject, matchesPart } from '../catalog/names.ts'
import type { QualifiedName } from '../catalog/types.ts'
import type { CompiledRule, ObjectPattern } from '../control/bundle.ts'
import type { StatementClass } from '../sql/facts-types.ts'
import type { Access, PartialName } from './access.ts'
import type { RuleOf } from './authority.ts'
import type { StatementCase } from './statement-case.ts'
import { grants, objectsOf } from './visibility.ts'

/** An Allow rule covers an access if it names its class and its object. */
export function coveringRule(
  allowing: readonly RuleOf[],
  { object, class: accessClass }: Access,
): RuleOf | undefined {
  return allowing.find(
    ({ rule }) =>
      ofClass(rule, accessClass) && objectsOf(rule).some((pattern) => grants(pattern, object)),
  )
}

/** For statements without an object: only a rule for any object speaks of them. */
export function coveringClass(
  allowing: readonly RuleOf[],
  statementClass: StatementClass,
): RuleOf | undefined {
  return allowing.find(
    ({ rule }) =>
      ofClass(rule, statementClass) && rule.objects.length === 0 && objectsOf(rule).length > 0,
  )
}

/** A part of the name that is not known is covered by `*` only. */
export function coveringHead(
  allowing: readonly RuleOf[],
  statementClass: StatementClass,
  object: PartialName,
): RuleOf | undefined {
  return allowing.find(
    ({ rule }) =>
      ofClass(rule, statementClass) &&
      objectsOf(rule).some((pattern) => matchesPartial(pattern, object, false)),
  )
}

export interface DenyMatch extends RuleOf {
  /** The object that the rule matched, where it names any. */
  readonly object: QualifiedName | PartialName | undefined
}

/**
 * The first Deny rule that matches. Its objects are looked for behind views too. Its columns match
 * whenever a relation that has such a column is read, whichever columns the statement uses: what
 * is used of a relation is masking's analysis, and a rule for a single column belongs there.
 */
export function denyingRule(statementCase: StatementCase): DenyMatch | undefined {
  for (const { policy, rule } of statementCase.denying) {
    const match = denyMatch(statementCase, rule)
    if (match !== undefined) return { policy, rule, object: match.object }
  }
  return undefined
}

function denyMatch(
  { facts, accesses, heads, reached, resolution }: StatementCase,
  rule: CompiledRule,
): Pick<DenyMatch, 'object'> | undefined {
  // What it holds, a block or a chain, does what each of its parts does.
  const classes = [facts.class, ...[...facts.parts, ...accesses].map((part) => part.class)]
  if (!classes.some((statementClass) => ofClass(rule, statementClass))) return undefined

  const object =
    reached.find((name) => rule.objects.some((pattern) => matchesObject(pattern, name))) ??
    heads.find((name) => rule.objects.some((pattern) => matchesPartial(pattern, name, true)))
  if (rule.objects.length > 0 && object === undefined) return undefined

  const column = [...(resolution?.relations.values() ?? [])].find((relation) =>
    relation?.columns.some(({ name }) =>
      rule.columns.some((pattern) => matchesColumn(pattern, relation.name, name)),
    ),
  )
  if (rule.columns.length > 0 && !column) return undefined
  return { object: object ?? column?.name }
}

function ofClass(rule: CompiledRule, statementClass: StatementClass): boolean {
  return rule.statements.length === 0 || rule.statements.includes(statementClass)
}

function matchesPartial(pattern: ObjectPattern, object: PartialName, ifUnknown: boolean): boolean {
  const part = (wanted: string | null, known: string | null): boolean =>
    known === null ? wanted === null || ifUnknown : matchesPart(wanted, known)
  return (
    part(pattern.database, object.database) &&
    part(pattern.schema, object.schema) &&
    part(pattern.name, object.name)
  )
}
