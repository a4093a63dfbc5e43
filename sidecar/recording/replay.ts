/** Recorded lines → timeline. Pure: it reads no file, and asks no clock. */

import { isKnownEvent } from './event-shape.ts'
import type { BundleApplied, ChunkRelayed, RecordedEvent, RecordedLine } from './events.ts'
import type {
  Chunk,
  Note,
  Refusal,
  Session,
  Statement,
  Timeline,
  TimelineItem,
} from './timeline.ts'

export interface ReplayOptions {
  /** Rows kept of each result. */
  readonly rows: number
  /** Only sessions whose id begins so; default all, and what belongs to none. */
  readonly session?: string | undefined
}

export interface Replay {
  /** Takes the lines of a recording in order. */
  readonly add: (line: RecordedLine) => void
  readonly timeline: () => Timeline
}

type Building<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] }
type OpenStatement = Building<Statement>
interface OpenSession extends Building<Omit<Session, 'items'>> {
  readonly items: (OpenStatement | Refusal | Note)[]
  readonly statements: Map<string, OpenStatement>
}

/** An empty replay; feed it with `add`. */
export function startReplay(options: ReplayOptions): Replay {
  const state = new State(options)
  return {
    add: ({ event, time }) => {
      if (isKnownEvent(event)) state.handle(event, time)
      else state.note(time, 'unknown event', JSON.stringify(event).slice(0, 200))
    },
    timeline: () => state.timeline(),
  }
}

/** The timeline of the lines. */
export function replay(lines: Iterable<RecordedLine>, options: ReplayOptions): Timeline {
  const building = startReplay(options)
  for (const line of lines) building.add(line)
  return building.timeline()
}

type Handlers = {
  readonly [T in RecordedEvent['type']]: (
    state: State,
    event: Extract<RecordedEvent, { type: T }>,
    time: string,
  ) => void
}

const handlers: Handlers = {
  'gateway.started': (state, { version, connection, bundle }, time) => {
    const details = `version ${version}, connection ${connection}, bundle ${bundle}`
    state.bundle = bundle
    state.note(time, 'gateway started', details)
  },
  'gateway.stopped': (state, { reason }, time) => {
    state.note(time, 'gateway stopped', reason)
  },
  'bundle.applied': (state, { digest, previous, suspended }, time) => {
    state.bundle = digest
    state.note(time, 'bundle applied', `${digest}, after ${previous}`)
    if (suspended !== undefined) state.note(time, 'suspended', suspendedWords(suspended))
  },
  'connection.closed': (state, { reason }, time) => {
    state.note(time, 'connection closed', reason)
  },
  'connection.reopened': (state, { reason }, time) => {
    state.note(time, 'connection reopened', reason)
  },
  'recording.repaired': (state, { bytes, keptIn }, time) => {
    const details = `${bytes} bytes of an unfinished line were set aside in ${keptIn}`
    state.note(time, 'recording repaired', details)
  },
  'recording.resumed': (state, { rejected, since, reason }, time) => {
    const details = `${rejected} events since ${since} were rejected: ${reason}`
    state.note(time, 'recording resumed', details)
  },
  'login.refused': (state, { error }, time) => {
    state.refuse(null, { kind: 'refusal', time, what: 'login', error })
  },
  'login.accepted': (state, { type: _type, session, ...login }, time) => {
    state.session(session).login = { ...login, time }
  },
  'session.reestablished': (state, { session, reason }, time) => {
    const what = 're-established'
    state.session(session).items.push({ kind: 'note', time, what, details: reason })
  },
  'session.closed': (state, { session, reason }, time) => {
    state.session(session).closed = { time, reason }
  },
  'request.refused': (state, { session, method, path, error }, time) => {
    state.refuse(session, { kind: 'refusal', time, what: `${method} ${path}`, error })
  },
  'statement.received': (state, event, time) => {
    const { sql, describeOnly } = event
    Object.assign(state.statement(event, time), { sql, describeOnly })
  },
  'statement.decided': (state, event, time) => {
    const { verdict, objects, maskedColumns, rules, observed, emitted, error } = event
    const decided = { verdict, objects, maskedColumns, rules, observed, emitted, error }
    // Only a recording from before bundles could change leaves it out.
    const bundle = event.bundle ?? state.bundle
    const more = { statementKind: event.kind, class: event.class, bundle }
    Object.assign(state.statement(event, time), decided, more)
  },
  'approval.requested': (state, event, time) => {
    const { request, rule, approvers, count, expiresAt } = event
    const asked = { request, rule, approvers, count, asked: time, expires: expiresAt }
    state.statement(event, time).approval = { ...asked, decided: null }
  },
  'approval.decided': (state, event, time) => {
    const { outcome, by, note, milliseconds } = event
    const statement = state.statement(event, time)
    const { approval } = statement
    // One that was asked before the recording begins is nobody's.
    if (approval) statement.approval = { ...approval, decided: { outcome, by, note, milliseconds } }
  },
  'statement.finished': (state, event, time) => {
    const { upstreamQueryId, columns, totalRows, rows, chunks, milliseconds } = event
    state.statement(event, time).result = {
      ...{ upstreamQueryId, columns, totalRows, chunks, milliseconds },
      rows: rows?.slice(0, state.rows) ?? null,
      inlineRows: rows?.length ?? 0,
      arrow: event.arrow ?? null,
    }
  },
  'statement.failed': (state, event, time) => {
    state.statement(event, time).error = event.error
  },
  'chunk.requested': (state, event, time) => {
    const chunks = state.statement(event, time).chunks
    const known = chunks.find(({ chunk }) => chunk === event.chunk)
    const place = known === undefined ? chunks.length : chunks.indexOf(known)
    chunks[place] = { ...(known ?? newChunk(event.chunk)), requested: (known?.requested ?? 0) + 1 }
  },
  'chunk.relayed': (state, event, time) => {
    const chunks = state.statement(event, time).chunks
    const known = chunks.findIndex(({ chunk }) => chunk === event.chunk)
    chunks[known < 0 ? chunks.length : known] = relayed(chunks[known], event)
  },
}

class State {
  readonly rows: number
  /** In force where the recording has come to; null where it begins later. */
  bundle: string | null = null
  readonly #only: string | undefined
  readonly #items: (Exclude<TimelineItem, Session> | OpenSession)[] = []
  readonly #sessions = new Map<string, OpenSession>()

  constructor(options: ReplayOptions) {
    this.rows = options.rows
    this.#only = options.session
  }

  handle(event: RecordedEvent, time: string): void {
    // The table is keyed by the very type that is looked up; the compiler cannot say so.
    const handler = handlers[event.type] as (state: State, event: RecordedEvent, t: string) => void
    handler(this, event, time)
  }

  note(time: string, what: string, details: string): void {
    this.#items.push({ kind: 'note', time, what, details })
  }

  refuse(session: string | null, refusal: Refusal): void {
    if (session === null) this.#items.push(refusal)
    else this.session(session).items.push(refusal)
  }

  session(name: string): OpenSession {
    const known = this.#sessions.get(name)
    if (known !== undefined) return known
    const session: OpenSession = {
      kind: 'session',
      session: name,
      login: null,
      items: [],
      closed: null,
      statements: new Map(),
    }
    this.#sessions.set(name, session)
    this.#items.push(session)
    return session
  }

  statement(of: { session: string; statement: string }, time: string): OpenStatement {
    const session = this.session(of.session)
    const known = session.statements.get(of.statement)
    if (known !== undefined) return known
    const statement = newStatement(of.statement, time)
    session.statements.set(of.statement, statement)
    session.items.push(statement)
    return statement
  }

  timeline(): Timeline {
    const only = this.#only
    const items = this.#items.filter(
      (item) => only === undefined || (item.kind === 'session' && item.session.startsWith(only)),
    )
    return { items: items.map((item) => (item.kind === 'session' ? finished(item) : item)) }
  }
}

function finished({ statements: _statements, ...session }: OpenSession): Session {
  return session
}

function newStatement(statement: string, time: string): OpenStatement {
  return {
    kind: 'statement',
    statement,
    time,
    sql: null,
    emitted: null,
    describeOnly: false,
    verdict: 'undecided',
    bundle: null,
    statementKind: null,
    class: null,
    objects: [],
    maskedColumns: [],
    rules: [],
    observed: [],
    result: null,
    approval: null,
    error: null,
    chunks: [],
  }
}

function newChunk(chunk: number): Chunk {
  return { chunk, requested: 0, bytes: null, sha256: null, stored: false, complete: false }
}

/** Of several relays of one chunk, a complete one counts. */
function relayed(before: Chunk | undefined, event: ChunkRelayed): Chunk {
  const known = before ?? newChunk(event.chunk)
  if (known.complete) return known
  const { bytes, sha256, stored, complete } = event
  return { ...known, bytes, sha256, stored, complete }
}

function suspendedWords({
  all,
  principals,
  reason,
}: NonNullable<BundleApplied['suspended']>): string {
  const who = principals.map(({ provider, subject }) => `${provider}:${subject}`)
  return `${all ? 'everybody' : who.join(', ')}: ${reason ?? 'no reason was given'}`
}
