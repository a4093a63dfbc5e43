/** What `frostgate facts` says of one text: the front end's findings as plain JSON. */

import { FrostgateError } from '../../sidecar/errors.ts'
import {
  emit,
  factsOf,
  parseStatements,
  partsOf,
  printFunction,
  printName,
  verifyRoundTrip,
} from '../../sidecar/sql/index.ts'
import type { FunctionUse, ObjectUse, Parsed, StatementFacts } from '../../sidecar/sql/index.ts'

export interface StatementAnswer {
  readonly kind: string
  readonly class: string
  /** Always true: a statement that is not read to its last token is refused. */
  readonly structured: boolean
  /** Names as Snowflake folds them, quoted where needed, as qualified as written, each once. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  readonly functions: readonly string[]
  readonly stages: readonly string[]
  readonly dynamic: readonly string[]
  /** What would run upstream if nothing in it were masked. */
  readonly emitted: string
  /** Every object and stage with what is done to it; `reads`, `writes` and `stages` are names. */
  readonly objects: readonly {
    readonly name: string
    readonly class: string
    readonly privilege: string
  }[]
  /** Kinds of the statements inside this one. */
  readonly parts: readonly string[]
  readonly columns: readonly string[]
  readonly urls: readonly string[]
  readonly variables: readonly string[]
  readonly assigns: readonly string[]
  readonly parameters: readonly string[]
  readonly granted: readonly string[]
  readonly binds: readonly string[]
  readonly timeTravel: boolean
  readonly priorResults: boolean
  readonly effects: readonly string[]
}

export interface AnswerError {
  /** An entry of docs/errors.md, such as `SqlSyntax`; `InputInvalid` for what is no input line. */
  readonly code: string
  readonly message: string
  /** Of the place in the text, from 1; of a fault of the whole text, its beginning. */
  readonly line: number
  readonly column: number
}

export type FactsAnswer =
  | { readonly ok: true; readonly statements: readonly StatementAnswer[] }
  | { readonly ok: false; readonly error: AnswerError }

/** The statements of one text, in order; one that cannot be read makes the whole text an error. */
export function answer(sql: string): FactsAnswer {
  try {
    return { ok: true, statements: parseStatements(sql).map(statementAnswer) }
  } catch (thrown) {
    if (!(thrown instanceof FrostgateError)) throw thrown
    return failure(thrown)
  }
}

export function failure({ entry, message, line, column }: FrostgateError): FactsAnswer {
  return { ok: false, error: { code: entry, message, line: line ?? 1, column: column ?? 1 } }
}

function statementAnswer(parsed: Parsed): StatementAnswer {
  const facts = factsOf(parsed.statement)
  const emitted = emit(parsed)
  verifyRoundTrip(parsed, emitted)
  const reads = facts.reads.map(({ name }) => printName(partsOf(name)))
  const writes = facts.writes.map(nameOf)
  return {
    kind: facts.kind,
    class: facts.class,
    structured: facts.structured,
    reads: once(reads),
    writes: once(writes),
    functions: once(facts.functions.map(called)),
    stages: once(facts.stages.map(({ name }) => name)),
    dynamic: once(facts.dynamic.map(({ what }) => what)),
    emitted,
    objects: objects(facts),
    parts: facts.parts.map(({ kind }) => kind),
    columns: once(facts.columns.map(({ name }) => printName(name))),
    urls: once(facts.urls.map(({ url }) => url)),
    variables: once(facts.variables),
    assigns: once(facts.assigns),
    parameters: once(facts.parameters),
    granted: once(facts.granted),
    binds: once(facts.binds),
    timeTravel: facts.timeTravel.length > 0,
    priorResults: facts.priorResults.length > 0,
    effects: Object.entries(facts.effects).flatMap(([name, is]) => (is ? [name] : [])),
  }
}

/** `CURRENT_DATE` and `LEFT` are reserved, but of one part they are called without quotes. */
function called(use: FunctionUse): string {
  const [only, ...rest] = use.name
  if (only !== undefined && rest.length === 0 && /^[A-Z_][A-Z0-9_]*$/.test(only)) return only
  return printFunction(use)
}

function objects(facts: StatementFacts): StatementAnswer['objects'] {
  return [
    ...facts.reads.map(({ name }) => ({
      name: printName(partsOf(name)),
      class: 'RELATION',
      privilege: 'SELECT',
    })),
    ...[...facts.writes, ...facts.uses].map((use) => ({
      name: nameOf(use),
      class: use.objectClass,
      privilege: use.privilege,
    })),
    ...facts.stages.map(({ name, access }) => ({
      name,
      class: 'STAGE',
      privilege: access.toUpperCase(),
    })),
  ]
}

function nameOf({ name }: ObjectUse): string {
  return printName(partsOf(name))
}

function once(items: readonly string[]): readonly string[] {
  return [...new Set(items)]
}
