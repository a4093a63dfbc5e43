/** How policy's refusals speak of statements, objects and rules. */

import { displayObject, displayPattern } from '../catalog/names.ts'
import type { NameContext } from '../catalog/types.ts'
import type { ApprovalSpec, ObjectPattern } from '../control/bundle.ts'
import type { ObjectUse, StatementFacts } from '../sql/facts-types.ts'
import { partsOf, printName } from '../sql/names.ts'
import type { Statement } from '../sql/statements.ts'
import { partialName, type Access } from './access.ts'
import { obstacleIn } from './governed.ts'
import { coveredBy, type RankedRule, type RuleSet } from './rule-set.ts'
import type { StatementCase } from './statement-case.ts'

/** Groups and people that may decide. */
export function approversOf({ approvers, users = [] }: ApprovalSpec): string {
  return approvers.length + users.length === 0 ? 'nobody' : list([...approvers, ...users])
}

/** `SELECT on A.B.C`, `DROP TABLE A.B.C`, `SHOW TABLES`. */
export function describeStatement(statementCase: StatementCase): string {
  const { governed, statement, facts, accesses } = statementCase
  if (!governed) return describeByTarget(statementCase)
  const words = wordings[statement.kind] as Wording<Statement> | undefined
  if (words !== undefined) return words(statement)
  if (facts.writes.length > 0) return describeByTarget(statementCase)
  if (statement.kind === 'Explain' && accesses.length > 0) {
    return `EXPLAIN of ${describeAccesses(accesses)}`
  }
  return accesses.length === 0 ? `This ${facts.kind} statement` : describeAccesses(accesses)
}

type Wording<S> = (statement: S) => string

/** Of governed statements that are not told by the objects they reach. */
const wordings: {
  readonly [K in Statement['kind']]?: Wording<Extract<Statement, { readonly kind: K }>>
} = {
  Use: ({ object, name }) =>
    `USE ${object} ${name.kind === 'ObjectName' ? printName(partsOf(name)) : 'IDENTIFIER(…)'}`,
  AlterSession: ({ action }) => `ALTER SESSION ${action}`,
  Transaction: ({ action }) => action,
  Show: ({ objects }) => `SHOW ${objects}`,
  SetVariables: ({ names }) => `SET ${list(names.map(({ value }) => printName([value])))}`,
  UnsetVariables: ({ names }) => `UNSET ${list(names.map(({ value }) => printName([value])))}`,
}

// ── Statements told by their target ──────────────────────────────────────────────────────────

/** `DROP TABLE A.B.C`, `INSERT on A.B.C`, `GET @stage`, `BEGIN … END with DELETE`. */
function describeByTarget({ statement, facts, session }: StatementCase): string {
  const words = kindWords(statement, facts)
  if (facts.parts.length > 0 && (facts.class === 'Script' || facts.class === 'Procedure')) {
    return `${words} with ${list(facts.parts.map(({ kind }) => wordsOf(kind)))}`
  }
  const target = targetOf(facts, session.context)
  if (target === undefined) return words
  const on = facts.class === 'DML' || /^(GRANT|REVOKE)( OWNERSHIP)?$/.test(words)
  return on ? `${words} on ${target}` : `${words} ${target}`
}

/** What a statement that does not run is called: `DROP TABLE`, `SHOW TABLES LIMIT … FROM`. */
export function kindWords(statement: Statement, { kind }: StatementFacts): string {
  return obstacleIn(statement) ?? wordsOf(kind)
}

/** Kinds that are not called by the words they begin with. */
const spoken: ReadonlyMap<string, string> = new Map([
  ['Block', 'BEGIN … END'],
  ['CallWithProcedure', 'WITH … AS PROCEDURE … CALL'],
  ['ControlFlow', 'Snowflake Scripting'],
  ['CopyIntoLocation', 'COPY INTO'],
  ['CopyIntoTable', 'COPY INTO'],
  ['ExceptionSection', 'EXCEPTION WHEN …'],
  ['Flow', '… ->> …'],
  ['GrantPrivileges', 'GRANT'],
  ['RevokePrivileges', 'REVOKE'],
])

/** `DropTable` → `DROP TABLE`. */
function wordsOf(kind: string): string {
  const words = kind.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toUpperCase()
  return spoken.get(kind) ?? words.replace(/^COMMENT /, 'COMMENT ON ')
}

/** What it is done to, as far as the text tells. */
function targetOf(facts: StatementFacts, context: NameContext): string | undefined {
  const [written] = facts.writes
  if (written !== undefined) return objectWords(written, context)
  const [place] = [...facts.stages.map(({ name }) => name), ...facts.urls.map(({ url }) => url)]
  if (place !== undefined) return place
  const called = facts.functions.find(({ type }) => type === 'Procedure')
  if (called !== undefined) return printName(called.name)
  const [used] = facts.uses
  if (used !== undefined) return objectWords(used, context)
  const [read] = facts.reads
  return read && objectWords({ ...read, objectClass: 'TABLE', privilege: 'SELECT' }, context)
}

function objectWords(use: ObjectUse, context: NameContext): string {
  const partial = partialName(use, context)
  return partial === undefined ? printName(partsOf(use.name)) : displayObject(partial)
}

export function describeAccesses(accesses: readonly Access[]): string {
  return list(accesses.map(({ words, object }) => `${words} ${displayObject(object)}`))
}

export function describePatterns(patterns: readonly ObjectPattern[]): string {
  return list(patterns.map(displayPattern))
}

/** What the rules give, so that an agent need not guess. */
export const describeAllowed = once((rules) => {
  const parts = rules.covering.all.map(describeRule)
  return parts.length === 0
    ? 'These policies allow no access to any object; ask the policy owner for a rule.'
    : `Allowed here: ${list(parts, '; ')}. For anything else ask the policy owner.`
})

function describeRule({ rule }: RankedRule): string {
  const approval = rule.action === 'RequireApproval' ? ' after approval' : ''
  const conditions = rule.when === undefined ? '' : ' under a condition'
  return describeGiven(rule) + conditions + approval
}

function describeGiven(rule: RankedRule['rule']): string {
  const { stages } = rule
  const given = describeOthers(rule)
  if (stages.length === 0) return given ?? `${statementsOf(rule)} on any object`
  const staged = `stages ${describePatterns(stages)}`
  return given === undefined ? `${statementsOf(rule)} on ${staged}` : `${given} and ${staged}`
}

function statementsOf({ statements }: RankedRule['rule']): string {
  return statements.length === 0 ? 'any statement' : statements.join('/')
}

function describeOthers(rule: RankedRule['rule']): string | undefined {
  const statements = statementsOf(rule)
  if (rule.columns.length > 0) {
    const columns = rule.columns.map(
      (pattern) =>
        `${displayPattern(pattern)}.${pattern.column === null ? '*' : printName([pattern.column])}`,
    )
    return `${statements} on column ${list(columns)}`
  }
  if (rule.objects.length > 0) return `${statements} on ${describePatterns(rule.objects)}`
  return rule.functions.length > 0 ? `calls of ${list(rule.functions)}` : undefined
}

/** Where the rules give anything. */
export const describePlaces = once((rules) => {
  const patterns = rules.covering.all.flatMap(({ rule }) => coveredBy(rule))
  return patterns.length === 0 ? 'nothing' : `what holds ${describePatterns(patterns)}`
})

/** Rules do not change, and of a thousand it takes a while to tell them. */
function once(describe: (rules: RuleSet) => string): (rules: RuleSet) => string {
  const known = new WeakMap<RuleSet, string>()
  return (rules) => {
    let text = known.get(rules)
    if (text === undefined) known.set(rules, (text = describe(rules)))
    return text
  }
}

/** At most five items, each once: messages are read on one screen. */
export function list(items: readonly string[], separator = ', '): string {
  const unique = [...new Set(items)]
  const shown = unique.slice(0, 5)
  const rest = unique.length - shown.length
  return rest === 0 ? shown.join(separator) : `${shown.join(separator)} and ${rest} more`
}
