/**
 * What every principal may do, so that unchanged drivers work: a table by statement kind. Deny
 * rules are asked first, so policy tightens it.
 */

import { informationSchema } from '../catalog/names.ts'
import type { NameContext } from '../catalog/types.ts'
import { FrostgateError } from '../errors.ts'
import { knownParts, printName } from '../sql/names.ts'
import type { AlterSession, Show, Statement, Use } from '../sql/statements.ts'
import { isListing } from './access.ts'
import { judgeParameter, judgeUnset, settableParameters } from './session-parameters.ts'
import { byGateway, byPolicy, type Refusal, type StatementCase } from './statement-case.ts'
import { gives, queryable } from './visibility.ts'
import { describeAllowed, describePlaces, list } from './wording.ts'

interface Baseline<S extends Statement> {
  /** How the recording names it. */
  readonly rule: string
  readonly refuse?: (statement: S, statementCase: StatementCase) => Refusal | undefined
}

/** No entry for a kind: only an Allow rule lets it through. */
const baseline: { readonly [K in Statement['kind']]?: Baseline<Extract<Statement, { kind: K }>> } =
  {
    QueryStatement: { rule: 'object-free-query' },
    Transaction: { rule: 'transactions' },
    Use: { rule: 'use', refuse: (use, statementCase) => useRules[use.object](use, statementCase) },
    SetVariables: { rule: 'session-variables' },
    UnsetVariables: { rule: 'session-variables' },
    AlterSession: { rule: 'session-parameters', refuse: refuseParameters },
    Show: { rule: 'show', refuse: refuseShow },
    Describe: { rule: 'describe' },
    // Its query's objects are accesses as they are without it.
    Explain: { rule: 'explain' },
  }

export function baselineRule(statement: Statement): string | undefined {
  return baseline[statement.kind]?.rule
}

export function refuseByBaseline(statementCase: StatementCase): Refusal | undefined {
  const { statement } = statementCase
  // The key is the statement's own kind, which the compiler cannot see.
  const entry = baseline[statement.kind] as Baseline<Statement> | undefined
  return entry?.refuse?.(statement, statementCase)
}

// ── USE ───────────────────────────────────────────────────────────────────────────────────────

type UseRule = (use: Use, statementCase: StatementCase) => Refusal | undefined

const useRules: Readonly<Record<Use['object'], UseRule>> = {
  DATABASE: (use, statementCase) => {
    const [database, ...more] = knownParts(use.name)
    return database !== undefined && more.length === 0
      ? refuseUnseen(use, statementCase, { database })
      : byGateway(useRefused(use, 'a database has a name of one part', 'USE DATABASE name'))
  },
  SCHEMA: (use, statementCase) => {
    const place = schemaPlace(knownParts(use.name), statementCase.session.context)
    if (place !== undefined) return refuseUnseen(use, statementCase, place)
    return byGateway(
      useRefused(use, 'it does not say which database', 'USE SCHEMA DATABASE.SCHEMA'),
    )
  },
  // Role and warehouse are what the session was granted at login, whatever Snowflake would allow.
  ROLE: (use, { session }) => refuseUnlessGranted(use, [session.grant.role]),
  WAREHOUSE: (use, { session: { grant } }) =>
    refuseUnlessGranted(use, [grant.warehouse, ...grant.warehouses]),
  'SECONDARY ROLES': (use) =>
    isName(use, 'NONE')
      ? undefined
      : byGateway(useRefused(use, 'secondary roles would widen the session', 'NONE')),
}

interface Place {
  readonly database: string
  readonly schema?: string
}

function schemaPlace(parts: readonly string[], context: NameContext): Place | undefined {
  const [first, second, ...more] = parts
  if (first === undefined || more.length > 0) return undefined
  if (second !== undefined) return { database: first, schema: second }
  return context.database === null ? undefined : { database: context.database, schema: first }
}

function refuseUnseen(use: Use, statementCase: StatementCase, place: Place): Refusal | undefined {
  if (gives(statementCase, seenAs(place))) return undefined
  const reason = 'no Allow rule speaks of objects there'
  return byPolicy(useRefused(use, reason, describePlaces(statementCase.rules)))
}

/** INFORMATION_SCHEMA is seen wherever its database is: what it lists is filtered. */
function seenAs({ database, schema }: Place): Place {
  return schema === undefined || schema === informationSchema ? { database } : { database, schema }
}

function refuseUnlessGranted(use: Use, granted: readonly string[]): Refusal | undefined {
  return granted.some((name) => isName(use, name))
    ? undefined
    : byGateway(useRefused(use, 'the session keeps what it got at login', granted.join(', ')))
}

function isName({ name }: Use, wanted: string): boolean {
  const [only, ...more] = knownParts(name)
  return only === wanted && more.length === 0
}

function useRefused(use: Use, reason: string, allowed: string): FrostgateError {
  const { object, name } = use
  return FrostgateError.of('UseRefused', {
    object,
    name: printName(knownParts(name)),
    reason,
    allowed,
  })
}

// ── ALTER SESSION ─────────────────────────────────────────────────────────────────────────────

function refuseParameters(
  { action, parameters }: AlterSession,
  { session: { grant } }: StatementCase,
): Refusal | undefined {
  for (const { name, value } of parameters) {
    const known = value?.kind === 'Literal' ? value.value : undefined
    const reason = action === 'UNSET' ? judgeUnset(name, grant) : reasonAgainst(name, known)
    if (reason !== undefined) {
      const allowed = settableParameters.join(', ')
      return byGateway(
        FrostgateError.of('SessionParameterRefused', { parameter: name, reason, allowed }),
      )
    }
  }
  return undefined

  function reasonAgainst(name: string, value: string | undefined): string | undefined {
    const verdict = judgeParameter(name, value, grant)
    return verdict.ok ? undefined : verdict.reason
  }
}

// ── SHOW ──────────────────────────────────────────────────────────────────────────────────────

/** Rows are filtered anyway; a named place is checked so that its existence does not show. */
function refuseShow(show: Show, statementCase: StatementCase): Refusal | undefined {
  const place = shownPlace(show, statementCase.session.context)
  if (place === undefined || gives(statementCase, seenAs(place), 'Query')) return undefined
  const where = printName([place.database, place.schema].filter((part) => part !== undefined))
  return uncovered(statementCase, [`SHOW ${show.objects} in ${where}`])
}

function shownPlace({ in: within }: Show, context: NameContext): Place | undefined {
  const parts = within?.name === undefined ? [] : knownParts(within.name)
  if (within?.scope === 'SCHEMA') return schemaPlace(parts, context)
  const [database] = parts
  return within?.scope === 'DATABASE' && database !== undefined ? { database } : undefined
}

// ── Listings and what no rule covers ──────────────────────────────────────────────────────────

/** Null where the statement lists nothing. */
export function visibilityOf(statementCase: StatementCase): ReturnType<typeof queryable> | null {
  const { statement, accesses } = statementCase
  const lists = statement.kind === 'Show' || accesses.some(isListing)
  return lists ? queryable(statementCase) : null
}

export function uncovered(
  { rules }: StatementCase,
  accesses: readonly string[],
  hint = '',
): Refusal {
  return byPolicy(
    FrostgateError.of('PolicyUncovered', {
      access: list(accesses),
      policies: list(rules.policies.map((policy) => policy.name)),
      hint: hint + describeAllowed(rules),
    }),
  )
}
