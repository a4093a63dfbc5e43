/** When a rule matches. Allow matches narrowly, Deny widely: either way a doubt refuses. */

import { matchesColumn, matchesPart } from '../catalog/names.ts'
import type { ObjectPattern } from '../control/bundle.ts'
import type { FunctionUse, StatementClass } from '../sql/facts-types.ts'
import type { Access, AccessedObject, PartialName } from './access.ts'
import type { ColumnAccess } from './column-access.ts'
import { mayMean } from './functions.ts'
import type { KnownParts } from './pattern-index.ts'
import { speaksOfClass, type RankedRule, type RuleIndex } from './rule-set.ts'
import type { StatementCase } from './statement-case.ts'
import { accountDatabase } from './visibility.ts'
import { mayApply } from './when.ts'

// ── What covers an access ─────────────────────────────────────────────────────────────────────

/**
 * The first rule that covers an access: it names its class and its object, and its columns where it
 * names any. Before the catalogue was asked also one that may.
 */
export function coveringRule(statementCase: StatementCase, access: Access): RankedRule | undefined {
  if (access.isStage) return coveringStage(statementCase, access)
  const { byObject } = statementCase.rules.covering
  let first: RankedRule | undefined
  for (const object of [access.object, ...access.others]) {
    const account = object.database === accountDatabase
    const covering = (ranked: RankedRule): boolean => covers(statementCase, ranked, access, object)
    first = earliest(first, byObject.find(object, 'star', account), covering)
  }
  return first
}

/** Never a rule for any object: where files go, and whose they are, is said by name. */
function coveringStage(
  statementCase: StatementCase,
  { class: ofClass, object }: Access,
): RankedRule | undefined {
  const account = object.database === accountDatabase
  return statementCase.rules.covering.all.find(
    (ranked) =>
      speaksOfClass(ranked.rule, ofClass) &&
      ranked.rule.stages.some(
        (pattern) => mayMatch(pattern, object) && !(account && pattern.database === null),
      ) &&
      mayApply(statementCase, ranked),
  )
}

/** The first by rank of `best` and those in `lists` that pass; each list is in order of rank. */
function earliest(
  best: RankedRule | undefined,
  lists: Iterable<readonly RankedRule[]>,
  passes: (ranked: RankedRule) => boolean,
): RankedRule | undefined {
  let first = best
  for (const list of lists) {
    for (const ranked of list) {
      if (first !== undefined && ranked.rank >= first.rank) break
      if (passes(ranked)) first = ranked
    }
  }
  return first
}

function covers(
  statementCase: StatementCase,
  ranked: RankedRule,
  access: Access,
  object: AccessedObject,
): boolean {
  return (
    speaksOfClass(ranked.rule, access.class) &&
    coversColumns(statementCase, ranked, access, object) &&
    mayApply(statementCase, ranked)
  )
}

function coversColumns(
  { columns }: StatementCase,
  { rule }: RankedRule,
  { privilege, class: ofClass }: Access,
  object: AccessedObject,
): boolean {
  if (rule.columns.length === 0) return true
  // Columns are read and written; an object that is dropped or described is touched as a whole.
  if (ofClass !== 'Query' && ofClass !== 'DML' && ofClass !== 'Load') return false
  if (columns === undefined) return true
  const used = columns.filter((use) => use.privilege === privilege && isSame(use.relation, object))
  // Counting rows shows less than any column does; nothing else is done without columns.
  if (used.length === 0) return rule.action === 'Allow' && privilege === 'SELECT'
  return used.every((use) => namesColumn(rule.columns, use))
}

function isSame(one: AccessedObject, other: AccessedObject): boolean {
  return one.name === other.name && one.schema === other.schema && one.database === other.database
}

export function namesColumn(
  patterns: RankedRule['rule']['columns'],
  { relation, column }: ColumnAccess,
): boolean {
  return patterns.some((pattern) => matchesColumn(pattern, relation, column))
}

/** For statements without an object: only a rule for any object speaks of them. */
export function coveringClass(
  statementCase: StatementCase,
  statementClass: StatementClass,
): RankedRule | undefined {
  return statementCase.rules.covering.all.find(
    (ranked) =>
      speaksOfClass(ranked.rule, statementClass) &&
      isForAnything(ranked) &&
      mayApply(statementCase, ranked),
  )
}

function isForAnything({ rule }: RankedRule): boolean {
  const named = [rule.objects, rule.columns, rule.functions, rule.stages]
  return named.every((names) => names.length === 0)
}

/** A part of the name that is not known is covered by `*` only. */
export function coveringHead(
  statementCase: StatementCase,
  statementClass: StatementClass,
  object: PartialName,
): RankedRule | undefined {
  const lists = statementCase.rules.covering.byObject.find(object, 'star')
  return earliest(
    undefined,
    lists,
    (ranked) =>
      speaksOfClass(ranked.rule, statementClass) &&
      ranked.rule.columns.length === 0 &&
      mayApply(statementCase, ranked),
  )
}

// ── What denies or holds a statement ──────────────────────────────────────────────────────────

export interface Match {
  readonly ranked: RankedRule
  /** The object or column that the rule matched, where it names any. */
  readonly object: AccessedObject | PartialName | undefined
  readonly column: ColumnAccess | undefined
}

/** The first rule that matches. Its objects are looked for behind views too. */
export function matchingRule(statementCase: StatementCase, rules: RuleIndex): Match | undefined {
  const { touched, columns = [] } = statementCase
  const lists: (readonly RankedRule[])[] = [rules.anywhere]
  if (!rules.byObject.empty) {
    for (const { object } of touched) lists.push(...rules.byObject.find(object, 'any'))
    for (const relation of new Set(columns.map((use) => use.relation))) {
      lists.push(...rules.byObject.find(relation, 'any'))
    }
  }
  let found: Match | undefined
  earliest(undefined, lists, (ranked) => {
    const match = matchOf(statementCase, ranked)
    if (match !== undefined) found = match
    return match !== undefined
  })
  return found
}

/** How this one rule matches. */
export function matchOf(statementCase: StatementCase, ranked: RankedRule): Match | undefined {
  const { rule } = ranked
  const { touched } = statementCase
  const named = rule.objects.length + rule.columns.length > 0
  const ofClass = (classes: readonly StatementClass[]): boolean =>
    rule.statements.length === 0 || classes.some((each) => rule.statements.includes(each))
  if (!named && !ofClass(classesOf(statementCase))) return undefined

  const object = touched.find(
    ({ object: name, classes }) =>
      rule.objects.some((pattern) => mayMatch(pattern, name)) && ofClass(classes),
  )?.object
  if (rule.objects.length > 0 && object === undefined) return undefined

  const column = statementCase.columns?.find(
    (use) => namesColumn(rule.columns, use) && ofClass(classesOfUse(statementCase, use)),
  )
  if (rule.columns.length > 0 && column === undefined) return undefined

  if (rule.functions.length > 0 && !callsAny(statementCase, rule.functions)) return undefined
  if (rule.stages.length > 0 && !usesAny(statementCase, rule.stages)) return undefined
  const held = statementCase.holds(ranked)
  return held === true || held === 'failed' ? { ranked, object, column } : undefined
}

/** What it holds, a block or a chain, does what each of its parts does. */
function classesOf({ facts, touched }: StatementCase): readonly StatementClass[] {
  const parts = facts.parts.map((part) => part.class)
  return [facts.class, ...parts, ...touched.flatMap(({ classes }) => classes)]
}

function classesOfUse(
  { facts, commonClasses }: StatementCase,
  { privilege }: ColumnAccess,
): readonly StatementClass[] {
  return [privilege === 'WRITE' ? facts.class : 'Query', ...commonClasses]
}

function callsAny({ facts, resolution }: StatementCase, listed: readonly string[]): boolean {
  const calls: readonly FunctionUse[] = [
    ...facts.functions,
    ...(resolution?.viewFunctions.map(({ use }) => use) ?? []),
  ]
  return calls.some((use) => listed.some((name) => mayMean(use, name.split(/[.!]/))))
}

/** Of a statement that does not run, which stages it means is not worked out: any may be the one. */
function usesAny({ governed, accesses, facts }: StatementCase, stages: readonly ObjectPattern[]) {
  if (!governed) return facts.stages.length > 0
  return accesses.some(
    ({ isStage, object }) => isStage && stages.some((pattern) => mayMatch(pattern, object)),
  )
}

/** A part that is not known may be the one that the pattern names. */
function mayMatch(pattern: ObjectPattern, object: KnownParts): boolean {
  const part = (wanted: string | null, known: string | null): boolean =>
    known === null || matchesPart(wanted, known)
  return (
    part(pattern.database, object.database) &&
    part(pattern.schema, object.schema) &&
    part(pattern.name, object.name)
  )
}
