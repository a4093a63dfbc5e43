/** One statement with everything that the steps of `decide.ts` look at. */

import { relationKey } from '../catalog/types.ts'
import type { NameContext, QualifiedName, Resolution } from '../catalog/types.ts'
import type { Bundle } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'
import type { StatementClass, StatementFacts } from '../sql/facts-types.ts'
import type { Statement } from '../sql/statements.ts'
import {
  accessesOf,
  headObjects,
  writingClasses,
  type Access,
  type AccessedObject,
  type PartialName,
} from './access.ts'
import type { ColumnAccess } from './column-access.ts'
import type { RuleReference, SessionGrant } from './decision.ts'
import { isGoverned } from './governed.ts'
import type { RankedRule, RuleOf, RuleSet } from './rule-set.ts'
import { conditions, type Holding } from './when.ts'

export interface DecideInput {
  readonly bundle: Bundle
  readonly principal: Principal
  readonly statement: Statement
  readonly facts: StatementFacts
  /** Undefined where the catalogue was not asked: see `screen`. */
  readonly resolution: Resolution | undefined
  readonly session: { readonly grant: SessionGrant; readonly context: NameContext }
  /** Undefined where the catalogue was not asked. */
  readonly columns: readonly ColumnAccess[] | undefined
  /**
   * Every earlier result that the statement names (RESULT_SCAN, LAST_QUERY_ID) is one that this
   * session was given. Undefined where that was not looked up yet.
   */
  readonly priorResults: boolean | undefined
  /** Milliseconds since the epoch: policy has no clock of its own. */
  readonly now: number
  /** Where a token stands in the client's text, from 1. */
  readonly position: (token: number) => { readonly line: number; readonly column: number }
  /** What a request for approval is about, as `hold.ts` identifies it. */
  readonly approvable: Approvable
}

export interface Approvable {
  /** The statement in its one canonical spelling, without comments. */
  readonly text: () => string
  /** As the driver sent them. */
  readonly binds: unknown
  /** Hex digest over the canonical form of a value. */
  readonly digest: (value: unknown) => string
  /** Where a session is open: what is set in it that changes what the statement means. */
  readonly state?: (resolution: Resolution | undefined) => unknown
  /** The masking rules that speak of anything it reaches. */
  readonly masks?: (resolution: Resolution | undefined) => unknown
}

export interface StatementCase extends DecideInput {
  readonly rules: RuleSet
  /** Otherwise it never runs: it has heads instead of accesses. */
  readonly governed: boolean
  readonly accesses: readonly Access[]
  readonly heads: readonly PartialName[]
  /** Set where a name could not be completed; `accesses` is empty then. */
  readonly unqualified: FrostgateError | undefined
  /** What is read behind views. */
  readonly behind: readonly QualifiedName[]
  /** Every object that is named or reached, with the classes of what is done to it. */
  readonly touched: readonly Touched[]
  /** Classes of the statement that bear on whatever it touches: EXPLAIN is Meta for all of it. */
  readonly commonClasses: readonly StatementClass[]
  /** Whether a rule's condition holds for this statement. */
  readonly holds: (ranked: RankedRule) => Holding
}

export interface Touched {
  readonly object: AccessedObject | PartialName
  readonly classes: readonly StatementClass[]
}

export function caseOf(input: DecideInput, rules: RuleSet): StatementCase {
  const names = namesOf(input)
  const behind = behindViews(input, names.accesses)
  const { facts } = input
  const parts = facts.parts.map((part) => part.class)
  const commonClasses = writingClasses.has(facts.class) ? parts : [facts.class, ...parts]
  const touched: Touched[] = [
    // What a name means that may mean several is told later.
    ...names.accesses
      .filter(({ others }) => others.length === 0)
      .map(({ object, class: own }) => ({ object, classes: [own, ...commonClasses] })),
    ...behind.map((object) => ({ object, classes: ['Query', ...commonClasses] as const })),
    ...names.heads.map((object) => ({ object, classes: [facts.class, ...parts] })),
  ]
  const statementCase: StatementCase = {
    ...input,
    ...names,
    rules,
    behind,
    touched,
    commonClasses,
    holds: conditions(() => statementCase),
  }
  return statementCase
}

function namesOf(
  input: DecideInput,
): Pick<StatementCase, 'governed' | 'accesses' | 'heads' | 'unqualified'> {
  const { statement, facts, session } = input
  const governed = isGoverned(statement)
  try {
    return {
      governed,
      accesses: governed ? accessesOf(input) : [],
      heads: governed ? [] : headObjects(facts, session.context),
      unqualified: undefined,
    }
  } catch (thrown) {
    if (!(thrown instanceof FrostgateError)) throw thrown
    return { governed, accesses: [], heads: [], unqualified: thrown }
  }
}

/**
 * The relations that the statement does not name itself. One that it names, but perhaps only to
 * change it, counts too where there is a view through which it may be read.
 */
function behindViews(
  { resolution }: DecideInput,
  accesses: readonly Access[],
): readonly QualifiedName[] {
  if (resolution === undefined) return []
  const found = [...resolution.relations.values()].filter((relation) => relation !== null)
  if (found.some(({ kind }) => kind === 'view')) return found.map(({ name }) => name)
  const named = new Set(
    accesses.map(({ object: { database, schema, name } }) =>
      relationKey({ database, schema, name: name ?? '' }),
    ),
  )
  return found.map(({ name }) => name).filter((name) => !named.has(relationKey(name)))
}

/**
 * Why a statement does not run. `policy`: no rule gave it, or one took it; an Observe policy logs
 * that. `gateway`: what it would do cannot be judged, or would undo masks; that always holds.
 */
export interface Refusal {
  readonly ground: 'policy' | 'gateway'
  readonly rule: RuleReference | undefined
  readonly error: FrostgateError
}

export const byGateway = (error: FrostgateError): Refusal => ({
  ground: 'gateway',
  rule: undefined,
  error,
})

export const byPolicy = (error: FrostgateError, rule?: RuleOf): Refusal => ({
  ground: 'policy',
  rule: rule === undefined ? undefined : referenceTo(rule),
  error,
})

export function referenceTo({ policy, rule }: RuleOf): RuleReference {
  return { policy: policy.name, rule: rule.name }
}

/** What a step of `decide.ts` is: it refuses, or has nothing to say. */
export type Step = (statementCase: StatementCase) => Refusal | undefined
