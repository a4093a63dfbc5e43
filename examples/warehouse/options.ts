import type { FaultHook } from './http/faults.ts'

/** A user of the warehouse, who logs in by key pair. */
export interface WarehouseUser {
  readonly name: string
  /** The registered public key, SubjectPublicKeyInfo, in one of two forms. */
  readonly publicKeyPem?: string
  readonly publicKeyDer?: Buffer
  readonly defaultRole: string
  /** Roles granted, the default one included. */
  readonly roles: readonly string[]
  readonly defaultWarehouse?: string
  readonly warehouses?: readonly string[]
}

export interface WarehouseOptions {
  /** 0 (the default) takes any free port. Always on 127.0.0.1. */
  readonly port?: number
  readonly account: string
  readonly users: readonly WarehouseUser[]
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
}

export interface WarehouseStats {
  logins: number
  renewals: number
  statements: number
  chunksServed: number
  requests: number
}

export interface Warehouse {
  /** `http://127.0.0.1:<port>` */
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
