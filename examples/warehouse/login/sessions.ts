import { randomBytes } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'
import { SnowflakeError } from '../engine/errors.ts'
import type { Relation } from '../engine/catalogue.ts'
import type { WarehouseUser } from '../options.ts'
import { RecentResults } from '../statements/recent-results.ts'

/** One logged-in session: its tokens, its context, its connection to the store. */
export interface Session {
  readonly id: number
  readonly user: WarehouseUser
  /** CLIENT_APP_ID: decides the format of results. */
  readonly client: string
  readonly connection: DuckDBConnection
  token: string
  /** Milliseconds since the epoch. */
  tokenExpiresAt: number
  masterToken: string
  masterExpired: boolean
  database: string | null
  schema: string | null
  warehouse: string | null
  role: string
  readonly parameters: Map<string, string | number | boolean>
  /** Temporary tables and views, by `nameKey`. */
  readonly temporaries: Map<string, Relation>
  /** Session variables: SQL literals by name. */
  readonly variables: Map<string, string>
  /** What its last statements gave. */
  readonly results: RecentResults
  /** Statements of one session run one after the other. */
  tail: Promise<unknown>
  /** Statements that end with the session. */
  readonly running: Set<AbortController>
  /** Of the last query context sent; 0 before the first. */
  contextTimestamp: number
}

const opaque = (): string => `ETMsDgAAAY${randomBytes(48).toString('base64url')}`

/** Tokens are opaque; a renewal replaces them and keeps the session. */
export class Sessions {
  readonly #byId = new Map<number, Session>()
  /** Tokens of sessions that the server ended: their holders are told so. */
  readonly #ended = new Set<string>()
  readonly #validityMs: number
  readonly #onChange: (what: 'opened' | 'closed', session: Session) => void
  #nextId = 1_000_000_001_001

  constructor(
    validitySeconds: number,
    onChange: (what: 'opened' | 'closed', session: Session) => void = () => undefined,
  ) {
    this.#validityMs = validitySeconds * 1000
    this.#onChange = onChange
  }

  get size(): number {
    return this.#byId.size
  }

  open(
    seed: Pick<
      Session,
      'user' | 'client' | 'connection' | 'database' | 'schema' | 'warehouse' | 'role' | 'parameters'
    >,
  ): Session {
    const session: Session = {
      ...seed,
      id: this.#nextId,
      token: opaque(),
      masterToken: opaque(),
      masterExpired: false,
      tokenExpiresAt: Date.now() + this.#validityMs,
      temporaries: new Map(),
      variables: new Map(),
      results: RecentResults.empty(),
      tail: Promise.resolve(),
      running: new Set(),
      contextTimestamp: 0,
    }
    this.#nextId += 4
    this.#byId.set(session.id, session)
    this.#onChange('opened', session)
    return session
  }

  byToken(token: string): Session | undefined {
    return this.#find((session) => session.token === token)
  }

  byMasterToken(token: string): Session | undefined {
    return this.#find((session) => session.masterToken === token)
  }

  renew(session: Session): void {
    session.token = opaque()
    session.masterToken = opaque()
    session.tokenExpiresAt = Date.now() + this.#validityMs
  }

  close(session: Session): void {
    this.#byId.delete(session.id)
    this.#onChange('closed', session)
    for (const abort of session.running)
      abort.abort(new SnowflakeError('000604', '57014', 'SQL execution canceled'))
    void session.tail.finally(() => {
      session.connection.closeSync()
    })
  }

  /** The session tokens have run out: clients renew them by their master tokens. */
  expireTokens(): void {
    for (const session of this.#byId.values()) session.tokenExpiresAt = 0
  }

  /** The master tokens have run out: nothing can be renewed. */
  expireMasterTokens(): void {
    for (const session of this.#byId.values()) session.masterExpired = true
  }

  /** The server ends a session: its tokens are answered 390111 from now on. */
  end(session: Session): void {
    this.#ended.add(session.token).add(session.masterToken)
    this.close(session)
  }

  hasEnded(token: string): boolean {
    return this.#ended.has(token)
  }

  all(): readonly Session[] {
    return [...this.#byId.values()]
  }

  async closeAll(): Promise<void> {
    const open = this.all()
    for (const session of open) this.close(session)
    await Promise.allSettled(open.map((session) => session.tail))
  }

  #find(test: (session: Session) => boolean): Session | undefined {
    for (const session of this.#byId.values()) if (test(session)) return session
    return undefined
  }
}
