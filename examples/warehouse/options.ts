import type { ArrowOptions } from './arrow/stream.ts'
import type { ChunkKeys } from './http/chunks.ts'
import type { FaultScript } from './http/fault-script.ts'
import type { FaultHook } from './http/faults.ts'
import type { FaultEvent } from './http/misbehave.ts'

/** A user of the warehouse, who logs in by key pair or by token. */
export interface WarehouseUser {
  readonly name: string
  /** The registered public key, SubjectPublicKeyInfo, in one of two forms. */
  readonly publicKeyPem?: string
  /** RSA_PUBLIC_KEY_2: while a key is rotated, both log in. */
  readonly publicKey2Pem?: string
  readonly publicKeyDer?: Buffer
  /** Taken as OAuth token, as programmatic access token, and as password: whatever a driver has. */
  readonly tokens?: readonly string[]
  readonly defaultRole: string
  /** Roles granted, the default one included. */
  readonly roles: readonly string[]
  readonly defaultWarehouse?: string
  readonly warehouses?: readonly string[]
}

export interface WarehouseOptions {
  /** 0 (the default) takes any free port. */
  readonly port?: number
  /** Address to listen on, 127.0.0.1 (the default) or, with `tls`, another. */
  readonly address?: string
  /** PEM. Without it plain http is spoken, which drivers and gateways do on loopback only. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Name under which clients reach it, for the addresses of chunks. Default the address. */
  readonly publicName?: string
  /** Of the server that hands out chunks; 0 (the default) takes any free port. */
  readonly storagePort?: number
  readonly account: string
  /** A function is asked at each login, so that keys can be rotated. */
  readonly users: readonly WarehouseUser[] | (() => readonly WarehouseUser[])
  /** Rows that travel inline; the rest of a larger result is served as chunks. Default 5,000. */
  readonly chunkRows?: number
  /** How clients learn the key of a result's chunks. Default 'headers'. */
  readonly chunkKeys?: ChunkKeys
  /** Whether Arrow streams of one result share their widths. Default 'perResult'. */
  readonly arrowWidths?: ArrowOptions['widths']
  /** Rows of one record batch; a stream may hold several. Default 4,096. */
  readonly arrowBatchRows?: number
  /** How long a statement, or a poll for its result, waits for the end. Default 45,000. */
  readonly inProgressAfterMs?: number
  /** Default 3,600. */
  readonly sessionValiditySeconds?: number
  /** false: databases and tables, but no rows. Default true. */
  readonly seed?: boolean | { readonly patients?: number; readonly orders?: number }
  /** Another number gives other synthetic rows. Default 1. */
  readonly seedNumber?: number
  /** Threads of the store. With one, rows without ORDER BY come in the same order each time. */
  readonly threads?: number
  /** Makes routes misbehave, for tests of a client: by a function, or by a script that is data. */
  readonly faults?: FaultHook | FaultScript
  /** Told of each login, and of each session's end. */
  readonly onSession?: (what: 'opened' | 'closed', id: number) => void
}

/** A statement that ran, or began to: a text sent twice under one requestId runs once. */
export interface Execution {
  readonly sqlText: string
  readonly requestId: string
  readonly queryId: string
}

export interface WarehouseStats {
  logins: number
  renewals: number
  statements: number
  chunksServed: number
  requests: number
}

export interface Warehouse {
  /** `http://127.0.0.1:<port>`, or https with its public name. */
  readonly url: string
  readonly port: number
  /** Where chunks are served: another origin, as Snowflake's are. */
  readonly storageUrl: string
  readonly stats: Readonly<WarehouseStats>
  /** Runs a statement as an administrator without the wire; cells as the wire carries them. */
  execute(sql: string): Promise<readonly (readonly (string | null)[])[]>
  /** Every sqlText received, in order. */
  statements(): readonly string[]
  /** Statements run, in order, whose text contains this; those of one text apart from each other. */
  executions(sqlPart?: string): readonly Execution[]
  /** The faults that happened, in order. */
  faults(): readonly FaultEvent[]
  /** Statements that did not bring back the query context of an earlier answer of their session. */
  queryContextsMissing(): number
  /** Every session token has run out: 390112, until the client renews. */
  expireSessionTokens(): void
  /** Every master token has run out: a renewal is refused with 390114. */
  expireMasterTokens(): void
  /** A user's token (all, when none is named) has run out: 390318 for an OAuth login. */
  expireUserTokens(token?: string): void
  /** The server ends every session: 390111 from now on, and what they run is cancelled. */
  endSessions(): void
  close(): Promise<void>
}
