import { randomUUID } from 'node:crypto'
import { fromDuckError } from '../engine/duck-errors.ts'
import { SnowflakeError } from '../engine/errors.ts'
import type { Session } from '../login/sessions.ts'
import type { Execution } from '../options.ts'
import { applyBindings, type Binding } from '../sql/bindings.ts'
import { splitStatements } from '../sql/split.ts'
import type { Outcome } from '../statements/outcome.ts'
import type { RecentResult } from '../statements/recent-results.ts'
import { type Envelope, refusal, statementFailure, success } from './envelope.ts'
import {
  answerOf,
  besideSession,
  execute,
  type QueryRoom,
  runQuery,
  type RunOptions,
} from './execution.ts'
import { desiredCount, multipleOutcome, wrongCount } from './multiple.ts'
import { answerWithin, canceled, inProgress, newQuery, type Query, statusOf } from './query.ts'
import { bringsContext } from './query-context.ts'
import type { WireRequest } from './server.ts'

type Body = WireRequest['body']

/** The statements of all sessions, by query id and by requestId. */
export class Queries {
  readonly #room: QueryRoom
  readonly #inProgressAfterMs: number
  readonly #byId = new Map<string, Query>()
  readonly #byRequest = new Map<string, Query>()
  readonly #running = new Set<Query>()
  readonly log: string[] = []
  readonly executions: Execution[] = []
  /** Statements that did not bring back the query context their session was given. */
  contextsMissing = 0

  constructor(room: QueryRoom, inProgressAfterMs: number) {
    this.#room = room
    this.#inProgressAfterMs = inProgressAfterMs
  }

  /** `POST /queries/v1/query-request`. */
  async request(session: Session, request: WireRequest): Promise<Envelope> {
    const { body } = request
    const sqlText = typeof body['sqlText'] === 'string' ? body['sqlText'] : ''
    this.log.push(sqlText)
    const requestId = request.url.searchParams.get('requestId') ?? randomUUID()
    // A requestId seen before names that earlier statement, whatever the text says now.
    const key = `${session.user.name} ${requestId}`
    const earlier = this.#byRequest.get(key)
    if (earlier === undefined && !bringsContext(session, body['queryContextDTO']))
      this.contextsMissing += 1
    const query = earlier ?? this.#start(session, { sqlText, requestId }, body)
    this.#byRequest.set(key, query)
    return query.detached ? inProgress(query) : answerWithin(query, this.#inProgressAfterMs)
  }

  #start(session: Session, seed: Pick<Query, 'sqlText' | 'requestId'>, body: Body): Query {
    const query = newQuery({ ...seed, session, detached: body['asyncExec'] === true })
    this.#byId.set(query.id, query)
    this.#running.add(query)
    if (query.detached) query.answer = this.#finish(query, () => this.#beside(query, body))
    else {
      session.running.add(query.abort)
      query.answer = session.tail.then(() => this.#answer(query, session, body))
      session.tail = query.answer.then(() => session.running.delete(query.abort))
    }
    return query
  }

  /** A detached statement runs on its own connection, or in turn where it needs the session's. */
  async #beside(query: Query, body: Body): Promise<Envelope> {
    const own = await besideSession(this.#room, query.session)
    if (own !== undefined) return this.#answer(query, own.session, body).finally(own.close)
    const turn = query.session.tail.then(() => this.#answer(query, query.session, body))
    query.session.tail = turn
    return turn
  }

  async #answer(query: Query, session: Session, body: Body): Promise<Envelope> {
    const describeOnly = body['describeOnly'] === true
    const parameters = (body['parameters'] ?? {}) as RunOptions['parameters']
    const options: RunOptions = {
      describeOnly,
      parameters,
      resultOf: (id) => this.#resultOf(query.user, id),
    }
    return this.#finish(query, async () => {
      query.abort.signal.throwIfAborted()
      const bindings = body['bindings'] as Readonly<Record<string, Binding>> | undefined
      const bound = applyBindings(query.sqlText, bindings, describeOnly)
      const desired = desiredCount(session, parameters)
      const parts = desired === 1 ? bound.statements : splitStatements(bound.statements[0] ?? '')
      if (desired > 1 && parts.length !== desired) throw wrongCount(parts.length, desired)
      if (desired !== 1 && parts.length > 1) return this.#several(query, session, parts, options)
      if (!describeOnly) this.#ran(query)
      return runQuery(this.#room, query, session, bound, options)
    })
  }

  /** Each statement is a query of its own; the first that fails is the answer to all. */
  async #several(
    parent: Query,
    session: Session,
    parts: readonly string[],
    options: RunOptions,
  ): Promise<Envelope> {
    const children: Query[] = []
    for (const sqlText of parts) {
      const child = newQuery({ ...parent, sqlText }, parent.abort)
      this.#byId.set(child.id, child)
      children.push(child)
      child.answer = this.#finish(child, () => {
        if (!options.describeOnly) this.#ran(child)
        const bound = { statements: [sqlText], markers: 0 }
        return runQuery(this.#room, child, session, bound, options)
      })
      await child.answer
      if (child.failed !== undefined) throw child.failed
    }
    const outcome = multipleOutcome()
    parent.session.results.add(parent.id, outcome)
    const answer = await answerOf(this.#room, parent, outcome, 0, options)
    const resultTypes = children.map(({ outcome: each }) => each?.statementTypeId).join(',')
    const resultIds = children.map(({ id }) => id).join(',')
    return { ...answer, data: { ...(answer.data as object), resultIds, resultTypes } }
  }

  async #finish(query: Query, work: () => Promise<Envelope>): Promise<Envelope> {
    try {
      return await work()
    } catch (error) {
      query.failed = fromDuckError(error)
      return statementFailure(query.failed, query.id)
    } finally {
      query.endedAt = Date.now()
      this.#running.delete(query)
    }
  }

  #ran({ sqlText, requestId, id }: Query): void {
    this.executions.push({ sqlText, requestId, queryId: id })
  }

  #resultOf(user: string, id: string): RecentResult | undefined {
    const query = this.#byId.get(id)
    return query?.user === user && query.outcome !== undefined
      ? { id, ...query.outcome }
      : undefined
  }

  /** Runs a statement without the wire. */
  execute(session: Session, statements: readonly string[]): Promise<Outcome> {
    const { signal } = new AbortController()
    const resultOf = () => undefined
    return execute(this.#room, session, statements, { describeOnly: false, resultOf, signal })
  }

  /** `GET /queries/{id}/result`: the stored answer, to the same user. */
  async result(session: Session, id: string): Promise<Envelope> {
    const query = this.#byId.get(id)
    if (query?.user === session.user.name) return answerWithin(query, this.#inProgressAfterMs)
    const error = new SnowflakeError('000709', '02000', `Statement ${id} not found`)
    return statementFailure(error, id)
  }

  /** `GET /monitoring/queries/{id}`. */
  monitor(session: Session, id: string): Envelope {
    const query = this.#byId.get(id)
    if (query?.user !== session.user.name) return success({ queries: [] })
    const status = statusOf(query)
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

  /** Cancels by requestId or query id: what runs, and what waits for its turn. */
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
    query.abort.abort(canceled())
    return success(null)
  }

  /** Ends everything that runs, detached statements too. */
  async close(): Promise<void> {
    const running = [...this.#running]
    for (const { abort } of running) abort.abort(canceled())
    await Promise.allSettled(running.map(({ answer }) => answer))
  }
}
