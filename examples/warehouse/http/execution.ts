import type { DuckDBConnection } from '@duckdb/node-api'
import { resultFormat } from '../arrow/result-format.ts'
import type { ArrowOptions } from '../arrow/stream.ts'
import type { Catalogue } from '../engine/catalogue.ts'
import type { Duck } from '../engine/duck.ts'
import { run } from '../engine/duck.ts'
import { SnowflakeError } from '../engine/errors.ts'
import type { InformationSchema } from '../engine/information-schema.ts'
import type { Session } from '../login/sessions.ts'
import { singleStatement } from '../sql/tokens.ts'
import { type Outcome, statementTypes } from '../statements/outcome.ts'
import type { RecentResult } from '../statements/recent-results.ts'
import { runStatement } from '../statements/run.ts'
import { answerData } from './answer.ts'
import type { ChunkStore } from './chunks.ts'
import { arrowEncoder, jsonEncoder } from './encoders.ts'
import { type Envelope, success } from './envelope.ts'
import { type Query, timedOut } from './query.ts'
import { nextContext } from './query-context.ts'

export interface QueryRoom {
  readonly account: string
  readonly duck: Duck
  readonly catalogue: Catalogue
  readonly informationSchema: InformationSchema
  readonly chunks: ChunkStore
  readonly arrow: ArrowOptions
}

/** What a request says about how to run its statement. */
export interface RunOptions {
  readonly describeOnly: boolean
  /** Statement parameters. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly resultOf: (id: string) => RecentResult | undefined
}

/** A statement parameter, whatever the case of its name. */
export function parameter(parameters: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.entries(parameters).find(([key]) => key.toUpperCase() === name)?.[1]
}

const INTERRUPT_AGAIN_MS = 20

/** Interrupts the store when told to; again and again, as an interrupt between two steps is lost. */
async function interruptible<T>(
  connection: DuckDBConnection,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  let again: NodeJS.Timeout | undefined
  const stop = (): void => {
    connection.interrupt()
    again = setInterval(() => {
      connection.interrupt()
    }, INTERRUPT_AGAIN_MS)
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    clearInterval(again)
    signal.removeEventListener('abort', stop)
  }
}

/** Runs the statements (one, or one per row of bound arrays) and adds up what they did. */
export async function execute(
  room: QueryRoom,
  session: Session,
  statements: readonly string[],
  options: Pick<RunOptions, 'describeOnly' | 'resultOf'> & { readonly signal: AbortSignal },
): Promise<Outcome> {
  let total: Outcome | undefined
  for (const sql of statements) {
    const outcome = await interruptible(session.connection, options.signal, () =>
      runStatement({ ...room, ...options, session, sql, tokens: singleStatement(sql) }),
    )
    total = total === undefined ? outcome : addUp(total, outcome)
  }
  if (total === undefined) throw new SnowflakeError('000900', '42601', 'Empty SQL statement.')
  return total
}

/** Ends the query when STATEMENT_TIMEOUT_IN_SECONDS is over; the parameter's 0 means never. */
function limitTime(query: Query, options: RunOptions): NodeJS.Timeout | undefined {
  const name = 'STATEMENT_TIMEOUT_IN_SECONDS'
  const seconds = Number(
    parameter(options.parameters, name) ?? query.session.parameters.get(name) ?? 0,
  )
  if (!(seconds > 0)) return undefined
  return setTimeout(
    () => {
      query.abort.abort(timedOut(seconds))
    },
    Math.min(seconds * 1000, 2 ** 31 - 1),
  ).unref()
}

/** Runs a query to its end and writes its answer. @throws SnowflakeError */
export async function runQuery(
  room: QueryRoom,
  query: Query,
  session: Session,
  bound: { readonly statements: readonly string[]; readonly markers: number },
  options: RunOptions,
): Promise<Envelope> {
  const timer = limitTime(query, options)
  try {
    const { signal } = query.abort
    query.outcome = await execute(room, session, bound.statements, { ...options, signal })
  } finally {
    clearTimeout(timer)
  }
  if (!options.describeOnly) query.session.results.add(query.id, query.outcome)
  return answerOf(room, query, query.outcome, bound.markers, options)
}

/** A finished statement's answer, in the format that the client reads. */
export async function answerOf(
  room: QueryRoom,
  query: Query,
  outcome: Outcome,
  markers: number,
  options: RunOptions,
): Promise<Envelope> {
  const arrow =
    !options.describeOnly &&
    outcome.statementTypeId === statementTypes.select &&
    resultFormat(query.session, options.parameters) === 'arrow'
  const encoder = arrow ? await arrowEncoder(outcome, room.arrow) : jsonEncoder
  const rows = room.chunks.split(query.id, outcome.rows, encoder)
  const data = answerData(query.session, query.id, outcome, rows, encoder.format)
  const queryContext = nextContext(query.session)
  return success({
    ...data,
    numberOfBinds: markers,
    // Without it JDBC sends a batch row by row.
    arrayBindSupported: options.describeOnly && markers > 0,
    ...(queryContext === undefined ? {} : { queryContext }),
  })
}

/**
 * The session as a detached statement sees it: with a connection of its own, so that the session's
 * next statements need not wait. Temporary tables are tied to the session's connection.
 */
export async function besideSession(
  { duck }: QueryRoom,
  session: Session,
): Promise<{ readonly session: Session; readonly close: () => void } | undefined> {
  if (session.temporaries.size > 0) return undefined
  const connection = await duck.connect()
  const zone = String(session.parameters.get('TIMEZONE')).replaceAll("'", "''")
  // A zone that the store does not know was never set for the session either.
  await run(connection, `SET TimeZone = '${zone}'`).catch(() => undefined)
  return {
    session: { ...session, connection, results: session.results.elsewhere() },
    close: () => {
      connection.closeSync()
    },
  }
}

function addUp(a: Outcome, b: Outcome): Outcome {
  const stats: Record<string, number> = {}
  for (const [name, count] of Object.entries(a.stats ?? {}))
    stats[name] = count + (b.stats?.[name] ?? 0)
  const rows = a.rows.map((row, index) =>
    row.map((cell, column) => String(Number(cell) + Number(b.rows[index]?.[column] ?? 0))),
  )
  return a.stats === undefined ? b : { ...a, rows, stats }
}
