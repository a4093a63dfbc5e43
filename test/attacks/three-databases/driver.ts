/** A real driver, and everything that it lets its user see of a statement. */

import snowflake from 'snowflake-sdk'
import type { Connection, RowStatement, SnowflakeError, StatementOption } from 'snowflake-sdk'

import type { Bind } from '../lists/types.ts'

snowflake.configure({ logLevel: 'OFF', additionalLogToConsole: false })

export interface Sent {
  readonly sql: string
  readonly binds?: readonly Bind[] | undefined
  readonly way?: 'query' | 'describe' | 'refetch' | undefined
}

export interface SeenColumn {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly precision: number | null
  readonly scale: number | null
}

/** What the user of the driver sees. */
export interface Seen {
  readonly error: {
    readonly code: string
    readonly sqlState: string
    readonly message: string
  } | null
  readonly columns: readonly SeenColumn[]
  /** Each row as JSON text, in order. */
  readonly rows: readonly string[]
  readonly total: number | null
  readonly affected: number | null
  readonly status: string
}

export interface DriverSession {
  send(sent: Sent): Promise<Seen>
  close(): Promise<void>
}

export interface Login {
  readonly url: string
  readonly database: string
  readonly schema: string
}

/** With an OIDC token to the gateway, or with the gateway's own key to the warehouse. */
export type Credential =
  { readonly token: string } | { readonly username: string; readonly privateKey: string }

/** @throws whatever the driver says of a login that fails. */
export async function openSession(login: Login, credential: Credential): Promise<DriverSession> {
  const connection = snowflake.createConnection({
    accessUrl: login.url,
    account: 'acme-demo',
    database: login.database,
    schema: login.schema,
    // Else NULL in a column that it hands out as text is the text 'NULL'.
    representNullAsStringNull: false,
    ...('token' in credential
      ? { authenticator: 'OAUTH', token: credential.token }
      : { authenticator: 'SNOWFLAKE_JWT', ...credential, role: 'AGENT_READER', warehouse: 'AGENT_WH' }),
  }) // prettier-ignore
  await new Promise<void>((resolve, reject) => {
    connection.connect((error: unknown) => {
      if (error === undefined || error === null) resolve()
      else
        reject(
          error instanceof Error ? error : new Error('the login was refused', { cause: error }),
        )
    })
  })
  return {
    send: (sent) => send(connection, sent),
    close: () =>
      new Promise((resolve) => {
        connection.destroy(() => {
          resolve()
        })
      }),
  }
}

async function send(connection: Connection, { sql, binds, way = 'query' }: Sent): Promise<Seen> {
  const options: StatementOption = {
    sqlText: sql,
    rowMode: 'array',
    ...(binds === undefined ? {} : { binds: [...binds] }),
    ...(way === 'describe' ? { describeOnly: true } : {}),
  }
  const first = await finished((complete) => connection.execute({ ...options, complete }))
  if (way !== 'refetch' || first.seen.error !== null) return first.seen
  const queryId = first.statement?.getQueryId() ?? ''
  const again = await finished((complete) =>
    connection.fetchResult({ ...options, queryId, complete }),
  )
  return again.seen
}

type Complete = NonNullable<StatementOption['complete']>

function finished(
  start: (complete: Complete) => unknown,
): Promise<{ readonly seen: Seen; readonly statement: RowStatement | undefined }> {
  return new Promise((resolve) => {
    start((error: SnowflakeError | undefined | null, given, rows) => {
      const statement = given as RowStatement | undefined
      resolve({ seen: error ? failed(error) : succeeded(statement, rows ?? []), statement })
    })
  })
}

function failed(error: SnowflakeError): Seen {
  const { code, sqlState, message } = error
  return {
    error: { code: String(code), sqlState: String(sqlState), message },
    columns: [],
    rows: [],
    total: null,
    affected: null,
    status: 'failed',
  }
}

function succeeded(statement: RowStatement | undefined, rows: readonly unknown[]): Seen {
  const columns = statement?.getColumns() ?? []
  return {
    error: null,
    columns: columns.map((column) => ({
      name: column.getName(),
      type: column.getType(),
      nullable: column.isNullable(),
      precision: column.getPrecision(),
      scale: column.getScale(),
    })),
    rows: rows.map((row) => JSON.stringify((row as readonly unknown[]).map(cell))),
    total: statement?.getNumRows() ?? null,
    affected: statement?.getNumUpdatedRows() ?? null,
    status: statement?.getStatus() ?? '',
  }
}

/** The driver's own JSON form of a time fails on one without a zone. */
const cell = (value: unknown): unknown => (value instanceof Date ? value.getTime() : value)
