/** What the suites of drivers and of tools have in common. */

import type { Truth } from './answer.ts'
import type { Broken, Skipped } from './driver.ts'
import type { Snippet } from './snippet.ts'

/** The rows of the table in docs/clients.md, in its order. */
export const items = [
  'connect by token',
  'connect by password',
  'connect by token file',
  'connect by PAT',
  'connect by workload identity',
  'bad token',
  'types and NULLs as direct',
  '100,000 rows in chunks',
  'masked columns',
  'blocked: exact error, one request',
  'hold then release',
  'hold then deny',
  'hold then cancel',
  'connection lost in a hold',
  'renewal',
  'renewal in a hold',
  'idle session',
  'cancel',
  'own timeout',
  'asynchronous',
  'multi-statement',
  'bindings',
  'array binding without staging',
  'PUT refused',
  'request ids and foreign results',
  'describe',
  'columnar fetch',
  'transaction',
  'session and close',
] as const

export type Item = (typeof items)[number]

export interface Verdict {
  readonly name: string
  readonly item: Item
  /** Undefined if it is as promised. */
  readonly complaint: string | undefined
  /** What the driver itself cannot do, in one clause: no complaint about the gateway. */
  readonly limitation?: string
}

/** A tool on top of a driver: it has its own way to run, and judges itself. */
export interface ToolSuite<S = Scene> {
  readonly title: string
  /** Installs what is not here yet; `say` gets a line when something slow begins. */
  prepare(say: (line: string) => void): Promise<Ready<S> | Skipped | Broken>
}

export interface Ready<S = Scene> {
  readonly version: string
  /** The connection that docs/clients.md shows; the suite runs it. */
  readonly snippet?: Snippet
  /** What else it found, once it has run: lines that are printed as they are. */
  readonly notes?: readonly string[]
  run(scene: S): Promise<readonly Verdict[]>
}

/** Several clients at once, which bring their own servers along. */
export type ScenarioSuite = ToolSuite<Pick<Scene, 'folder' | 'truth'>>

/** The servers that a tool talks to. Addresses are `http://127.0.0.1:<port>`. */
export interface Scene {
  /** `frostgate up`, behind a proxy that counts requests. */
  readonly gateway: string
  /** An OIDC token that it accepts. */
  readonly token: string
  /** The same in a file, with a newline at its end. */
  readonly tokenFile: string
  /** A gateway that holds every statement that reads HEALTH.PHI.VISITS. */
  readonly holding: string
  readonly holdingToken: string
  /** The warehouse itself, and a token of a user there (authenticator oauth). */
  readonly direct: string
  readonly directToken: string
  /** Home of what the tool starts; empty, and removed afterwards. */
  readonly folder: string
  readonly truth: Truth
  /** Requests to `gateway` so far whose path begins so. */
  count(pathPrefix: string): number
}
