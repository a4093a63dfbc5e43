import { randomUUID } from 'node:crypto'
import type { Catalogue } from '../engine/catalogue.ts'
import { fromDuckError } from '../engine/duck-errors.ts'
import type { Duck } from '../engine/duck.ts'
import { SnowflakeError } from '../engine/errors.ts'
import type { Session } from '../login/sessions.ts'
import { applyBindings, type Binding } from '../sql/bindings.ts'
import { singleStatement } from '../sql/tokens.ts'
import type { InformationSchema } from '../engine/information-schema.ts'
import type { StatementContext } from '../statements/context.ts'
import type { Outcome } from '../statements/outcome.ts'
import { runStatement } from '../statements/run.ts'
import { answerData } from './answer.ts'
import type { ChunkStore } from './chunks.ts'
import { type Envelope, refusal, statementFailure, success } from './envelope.ts'
import type { WireRequest } from './server.ts'

/** A statement once seen: its answer is kept for its id and for its requestId. */
interface Query {
  readonly id: string
  readonly session: Session
  readonly user: string
  readonly sqlText: string
  readonly startedAt: number
  endedAt: number
  answer: Promise<Envelope>
  failed: SnowflakeError | undefined
}

export interface QueryRoom {
  readonly account: string
  readonly duck: Duck
  readonly catalogue: Catalogue
  readonly informationSchema: InformationSchema
  readonly chunks: ChunkStore
}

/** The statements of all sessions, by query id and by requestId. */
export class Queries {
  readonly #room: QueryRoom
  readonly #byId = new Map<string, Query>()
  readonly #byRequest = new Map<string, Query>()
  readonly log: string[] = []

  constructor(room: QueryRoom) {
    this.#room = room
  }

  /** `POST /queries/v1/query-request`. */
  async request(session: Session, request: WireRequest): Promise<Envelope> {
    const { body } = request
    const sqlText = typeof body['sqlText'] === 'string' ? body['sqlText'] : ''
    this.log.push(sqlText)
    const requestId = request.url.searchParams.get('requestId') ?? randomUUID()
    // A requestId seen before names that earlier statement, whatever the text says now.
    const earlier = this.#byRequest.get(`${session.user.name} ${requestId}`)
    if (earlier !== undefined) return earlier.answer
    const query = this.#start(session, sqlText, body)
    this.#byRequest.set(`${session.user.name} ${requestId}`, query)
    return query.answer
  }

  #start(session: Session, sqlText: string, body: WireRequest['body']): Query {
    const query: Query = {
      id: `01${randomUUID().slice(2)}`,
      session,
      user: session.user.name,
      sqlText,
      startedAt: Date.now(),
      endedAt: 0,
      answer: Promise.resolve(success(null)),
      failed: undefined,
    }
    this.#byId.set(query.id, query)
    const work = session.tail.then(() => this.#answer(query, body))
    session.tail = work
    query.answer = work
    return query
  }

  async #answer(query: Query, body: WireRequest['body']): Promise<Envelope> {
    try {
      if (body['asyncExec'] === true) {
        throw new SnowflakeError('000002', '0A000', "Unsupported feature 'asynchronous execution'.")
      }
      const describeOnly = body['describeOnly'] === true
      const bindings = body['bindings'] as Readonly<Record<string, Binding>> | undefined
      const bound = applyBindings(query.sqlText, bindings, describeOnly)
      const outcome = await this.execute(query.session, bound.statements, describeOnly)
      if (!describeOnly) query.session.results.add(query.id, outcome)
      const rows = this.#room.chunks.split(query.id, outcome.rows)
      const data = answerData(query.session, query.id, outcome, rows)
      return success({ ...data, numberOfBinds: bound.markers })
    } catch (error) {
      query.failed = fromDuckError(error)
      return statementFailure(query.failed, query.id)
    } finally {
      query.endedAt = Date.now()
    }
  }

  /** Runs the statements (one, or one per row of bound arrays) and adds up what they did. */
  async execute(
    session: Session,
    statements: readonly string[],
    describeOnly: boolean,
  ): Promise<Outcome> {
    let total: Outcome | undefined
    for (const sql of statements) {
      const context: StatementContext = {
        account: this.#room.account,
        duck: this.#room.duck,
        catalogue: this.#room.catalogue,
        session,
        sql,
        tokens: singleStatement(sql),
        describeOnly,
        informationSchema: this.#room.informationSchema,
      }
      const outcome = await runStatement(context)
      total = total === undefined ? outcome : addUp(total, outcome)
    }
    if (total === undefined) throw new SnowflakeError('000900', '42601', 'Empty SQL statement.')
    return total
  }

  /** `GET /queries/{id}/result`: the stored answer, to the same user. */
  async result(session: Session, id: string): Promise<Envelope> {
    const query = this.#byId.get(id)
    if (query?.user !== session.user.name) {
      return statementFailure(
        new SnowflakeError('000709', '02000', `Statement ${id} not found`),
        id,
      )
    }
    return query.answer
  }

  /** `GET /monitoring/queries/{id}`. */
  monitor(session: Session, id: string): Envelope {
    const query = this.#byId.get(id)
    if (query?.user !== session.user.name) return success({ queries: [] })
    const status =
      query.endedAt === 0 ? 'RUNNING' : query.failed === undefined ? 'SUCCESS' : 'FAILED_WITH_ERROR'
    return success({
      queries: [
        {
          id,
          status,
          state: status,
          sqlText: query.sqlText,
          startTime: query.startedAt,
          endTime: query.endedAt,
          errorCode: query.failed?.code ?? null,
          errorMessage: query.failed?.message ?? null,
          sessionId: query.session.id,
          userName: query.user.toUpperCase(),
          warehouseName: query.session.warehouse,
          stats: {},
        },
      ],
    })
  }

  /** Cancels by requestId or query id. */
  abort(
    session: Session,
    key: { readonly requestId?: string; readonly queryId?: string },
  ): Envelope {
    const query =
      key.queryId === undefined
        ? this.#byRequest.get(`${session.user.name} ${key.requestId ?? ''}`)
        : this.#byId.get(key.queryId)
    if (query?.user !== session.user.name || query.endedAt !== 0) {
      return refusal('000605', 'Identified SQL statement is not currently executing.', {
        sqlState: '57014',
      })
    }
    query.session.connection.interrupt()
    return success(null)
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
