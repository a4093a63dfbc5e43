/**
 * RESULT_SCAN and LAST_QUERY_ID: which earlier results of its own session a statement means.
 * Snowflake would answer for whatever its own session ran, what the gateway withheld included; so
 * the ids are looked up in the gateway's record, and written into the statement.
 */

import { FrostgateError } from '../errors.ts'
import { namedAt, clean } from '../masking/lineage/taint.ts'
import type { Shape } from '../masking/lineage/types.ts'
import { isGoverned } from '../policy/governed.ts'
import type { ReleasedLookup, ReleasedResult } from '../session/released.ts'
import type { Argument, FunctionCall, Span, TableFunction } from '../sql/ast.ts'
import { positionOf, walk } from '../sql/index.ts'
import type { Parsed, Replacement } from '../sql/index.ts'
import { partsOf } from '../sql/names.ts'
import type { Analysis, Asked } from './stages.ts'

/** What a statement reads of earlier results. */
export interface PriorResults {
  /** Snowflake's ids in place of the gateway's, and literals in place of LAST_QUERY_ID. */
  readonly replacements: readonly Replacement[]
  /** What a RESULT_SCAN gives; undefined for other table functions. */
  readonly tableOf: (call: TableFunction) => Shape | undefined
}

/**
 * Undefined where there is nothing of the kind, or where the statement does not run anyway.
 * @throws FrostgateError ResultUnknown; DynamicRefused for an id that is not in the text.
 */
export function findPriorResults(
  { parsed, facts, session }: Pick<Asked & Analysis, 'parsed' | 'facts' | 'session'>,
  bundle: string,
): PriorResults | undefined {
  if (facts.priorResults.length === 0 || !isGoverned(parsed.statement)) return undefined
  const search = new Search(parsed, session.released, bundle)
  walk(parsed.statement, {
    TableFunction: (relation) => search.scan(relation),
    FunctionCall: (call) => search.lastId(call),
  })
  const called = facts.functions.filter(({ name }) => names.has(name.at(-1) ?? ''))
  if (called.length !== search.calls) throw search.elsewhere()
  return search.found()
}

const names: ReadonlySet<string> = new Set(['RESULT_SCAN', 'LAST_QUERY_ID'])

/** Of DML the result is a count of rows, which drivers read so after an asynchronous one. */
const scannable: ReadonlySet<string> = new Set([
  ...['Select', 'Insert', 'InsertAll', 'InsertFirst', 'Update', 'Delete', 'Merge'],
])

class Search {
  /** Calls that were looked up. */
  calls = 0
  readonly #replacements: Replacement[] = []
  readonly #parsed: Parsed
  readonly #released: ReleasedLookup | undefined
  readonly #bundle: string
  readonly #scans = new Map<TableFunction, Shape>()

  constructor(parsed: Parsed, released: ReleasedLookup | undefined, bundle: string) {
    this.#parsed = parsed
    this.#released = released
    this.#bundle = bundle
  }

  found(): PriorResults {
    return { replacements: this.#replacements, tableOf: (call) => this.#scans.get(call) }
  }

  /** A qualified name may be anybody's function, and RESULT_SCAN is for FROM. */
  elsewhere(): FrostgateError {
    const what =
      'RESULT_SCAN or LAST_QUERY_ID with a qualified name, or not as TABLE(RESULT_SCAN(…)),'
    return FrostgateError.of('ResultUnknown', { what })
  }

  /** False: nothing more to see inside. */
  scan(relation: TableFunction): false | undefined {
    const { call } = relation
    if (call.kind !== 'FunctionCall' || !isCallOf(call, 'RESULT_SCAN')) return undefined
    const [argument, ...more] = call.arguments
    if (argument === undefined || more.length > 0 || argument.name !== undefined)
      throw this.#unknown('RESULT_SCAN without the id of one statement', call.span)
    const result = this.#scannable(argument)
    this.#replacements.push({ span: argument.span, text: literal(result.upstreamQueryId) })
    this.#scans.set(relation, shapeOf(result))
    this.calls += argument.value.kind === 'FunctionCall' ? 2 : 1
    return false
  }

  lastId(call: FunctionCall): false | undefined {
    if (!isCallOf(call, 'LAST_QUERY_ID')) return undefined
    const result = this.#released?.byPosition(this.#position(call))
    // As Snowflake: no such statement, no id.
    const text = result === undefined ? 'CAST(NULL AS VARCHAR)' : literal(result.statement)
    this.#replacements.push({ span: call.span, text })
    this.calls += 1
    return false
  }

  #scannable(argument: Argument): ReleasedResult {
    const { value } = argument
    const result =
      value.kind === 'Literal' && value.type === 'string'
        ? this.#released?.byStatement(value.value.toLowerCase())
        : value.kind === 'FunctionCall' && isCallOf(value, 'LAST_QUERY_ID')
          ? this.#released?.byPosition(this.#position(value))
          : this.#dynamic('The argument of RESULT_SCAN', value.span)
    const what = `RESULT_SCAN of ${value.kind === 'Literal' ? value.value.slice(0, 40) : 'LAST_QUERY_ID'}`
    const id = value.kind === 'Literal' ? value.value.toLowerCase() : ''
    const reason = result === undefined ? this.#released?.obstacle?.(id) : undefined
    if (reason !== undefined) throw this.#unready(what, reason, argument.span)
    if (result?.bundle !== this.#bundle) throw this.#unknown(what, argument.span)
    // Snowflake would show what the gateway took out of a listing.
    if (!scannable.has(result.kind))
      throw this.#unknown(`${what}, which was no query (${result.kind}),`, argument.span)
    return result
  }

  /** Of the statement that LAST_QUERY_ID means. */
  #position({ arguments: given, span }: FunctionCall): number {
    const [argument, ...more] = given
    if (argument === undefined) return -1
    const { value } = argument
    const [sign, number] =
      value.kind === 'Unary' && value.operator === '-' ? [-1, value.operand] : [1, value]
    const digits = number.kind === 'Literal' && number.type === 'number' ? number.value : ''
    if (more.length > 0 || argument.name !== undefined || !/^\d{1,9}$/.test(digits))
      return this.#dynamic('The argument of LAST_QUERY_ID', span)
    return sign * Number(digits)
  }

  #dynamic(what: string, span: Span): never {
    const at = positionOf(this.#parsed, span.start)
    throw FrostgateError.of('DynamicRefused', { what, ...at }, at)
  }

  #unready(what: string, reason: string, span: Span): FrostgateError {
    const at = positionOf(this.#parsed, span.start)
    return FrostgateError.of('ResultNotReady', { what, reason }, at)
  }

  #unknown(what: string, span: Span): FrostgateError {
    return FrostgateError.of('ResultUnknown', { what }, positionOf(this.#parsed, span.start))
  }
}

function isCallOf(call: FunctionCall, name: string): boolean {
  const [only, ...more] = partsOf(call.name)
  return only === name && more.length === 0
}

function shapeOf({ columns }: ReleasedResult): Shape {
  const listed = columns.map(({ name, value }) => ({ name, value: namedAt(value, -1) }))
  return { columns: listed, known: true, rest: clean }
}

/** Ids are of Snowflake's making, or ours: neither has a quote in it. */
function literal(id: string): string {
  if (!/^[\w-]{1,100}$/.test(id)) throw FrostgateError.of('SqlRoundTrip', {})
  return `'${id}'`
}
