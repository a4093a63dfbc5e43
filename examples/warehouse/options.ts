import type { FaultHook } from './http/faults.ts'

/** A user of the warehouse, who logs in by key pair. */
export interface WarehouseUser {
  readonly name: string
  /** The registered public key, SubjectPublicKeyInfo, in one of two forms. */
  readonly publicKeyPem?: string
  /** RSA_PUBLIC_KEY_2: while a key is rotated, both log in. */
  readonly publicKey2Pem?: string
  readonly publicKeyDer?: Buffer
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
  /** Default 3,600. */
  readonly sessionValiditySeconds?: number
  /** false: databases and tables, but no rows. Default true. */
  readonly seed?: boolean | { readonly patients?: number; readonly orders?: number }
  /** Another number gives other synthetic rows. Default 1. */
  readonly seedNumber?: number
  /** Threads of the store. With one, rows without ORDER BY come in the same order each time. */
  readonly threads?: number
  /** Makes routes misbehave, for tests of a client. */
  readonly faults?: FaultHook
  /** Told of each login, and of each session's end. */
  readonly onSession?: (what: 'opened' | 'closed', id: number) => void
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
  close(): Promise<void>
}
