/**
 * A request with several statements: each is a statement of its own, with its own id, decision,
 * masks and recorded events, and they run one after another. The request itself runs nothing.
 */

import { FrostgateError } from '../errors.ts'
import { isObject, type JsonObject } from '../json.ts'
import type { LedgerEntry } from '../session/ledger.ts'
import { PolicyRefusal } from '../statement/analyse.ts'
import { screenParts, type Part } from '../statement/several.ts'
import type { StatementRequest } from '../statement/request.ts'
import type { Envelope } from '../wire/envelope.ts'
import type { Begun, Here } from './here.ts'

/** Begins one statement of the request. */
export type BeginPart = (request: StatementRequest) => LedgerEntry

/**
 * `parts` throws what is wrong with the request as a whole. Nothing runs unless all were read, and
 * none is refused by what is known beforehand.
 */
export function severalHere(
  { entry, governance }: Begun,
  parts: () => readonly Part[],
  begin: BeginPart,
): Here {
  let all: readonly Part[] = []
  return {
    kind: 'Several',
    class: null,
    rules: [],
    judge: (received) => {
      all = parts()
      let at = 0
      try {
        screenParts(all, received, governance.bundle, (index) => (at = index))
      } catch (thrown) {
        throw refusedPart(thrown, all, at)
      }
    },
    act: async () => {
      const ids: string[] = []
      const types: number[] = []
      let bytes = 0
      for (const [index, part] of all.entries()) {
        const { statement, envelope, size } = await runPart(entry, () => begin(part.request))
        if (!envelope.success) throw stoppedBy(shown(envelope), all, index)
        bytes += size
        if (bytes > mostBytes) {
          const tooMuch = FrostgateError.of('SeveralTooLarge', { megabytes: mostBytes / 1_048_576 })
          throw stoppedBy(tooMuch, all, index)
        }
        ids.push(statement)
        types.push(typeOf(envelope))
      }
      return {
        column: 'multiple statement execution',
        cell: 'Multiple statements executed successfully.',
        statementTypeId: multiStatement,
        // Drivers fetch the children one by one; Go reads their types here, and fails without.
        more: { resultIds: ids.join(','), resultTypes: types.join(',') },
      }
    },
  }
}

const multiStatement = 0xa000

/** Bytes of all results of a request: they are kept until the client has fetched the last. */
const mostBytes = 24 * 1024 * 1024

/** Errors: StatementCanceled, and nothing begins. */
async function runPart(
  entry: LedgerEntry,
  begin: () => LedgerEntry,
): Promise<{ readonly statement: string; readonly envelope: Envelope; readonly size: number }> {
  if (entry.abort.signal.aborted) throw FrostgateError.of('StatementCanceled', {})
  const child = begin()
  entry.child = child
  try {
    const envelope = await child.outcome
    if (envelope === undefined) throw FrostgateError.of('StatementCanceled', {})
    // Then the request tells what it told.
    if (!envelope.success) entry.rules = child.rules
    return { statement: child.statement, envelope, size: child.size ?? 0 }
  } finally {
    entry.child = undefined
  }
}

function typeOf({ data }: Envelope): number {
  const type = isObject(data) ? data['statementTypeId'] : undefined
  return typeof type === 'number' ? type : 0
}

// ── What ended it ─────────────────────────────────────────────────────────────────────────────

interface Ended {
  readonly code: string
  readonly sqlState: string
  readonly message: string
  /** In the statement's own text, from 1. */
  readonly line?: number | undefined
  readonly column?: number | undefined
}

function refusedPart(thrown: unknown, parts: readonly Part[], index: number): unknown {
  if (thrown instanceof FrostgateError) return stoppedBy(thrown, parts, index)
  if (!(thrown instanceof PolicyRefusal)) return thrown
  const error = stoppedBy(thrown.denied.error, parts, index)
  return new PolicyRefusal({ ...thrown.denied, error })
}

/** The request's error is the statement's, with its code, and where it stands in the whole text. */
function stoppedBy(error: Ended, parts: readonly Part[], index: number): FrostgateError {
  const { line, column } = parts[index]?.at ?? { line: 1, column: 1 }
  const own = { line: Math.max(1, error.line ?? 1), column: Math.max(1, error.column ?? 1) }
  return FrostgateError.of(
    'SeveralStopped',
    { position: index + 1, count: parts.length, line, column, message: error.message },
    {
      code: error.code,
      sqlState: error.sqlState,
      line: line + own.line - 1,
      column: own.line === 1 ? column + own.column - 1 : own.column,
    },
  )
}

function shown({ code, message, data }: Envelope): Ended {
  const fields: JsonObject = isObject(data) ? data : {}
  const number = (name: string): number | undefined =>
    typeof fields[name] === 'number' ? fields[name] : undefined
  const sqlState = fields['sqlState']
  return {
    code: code ?? '000603',
    sqlState: typeof sqlState === 'string' ? sqlState : 'XX000',
    message: message ?? '',
    line: number('line'),
    column: number('pos'),
  }
}
