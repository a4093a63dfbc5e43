/** Where configuration objects come from, and where what became of them is written. */

import type { ConfigObjects } from './objects.ts'
import type { Problem } from './problem.ts'

/** A stored object that does not fit its schema. It is in no list of `objects`. */
export interface Malformed {
  readonly kind: 'SnowflakeConnection' | 'AgentPolicy' | 'MaskingRule'
  readonly namespace: string
  readonly name: string
  readonly generation: number | undefined
  /** Of the connection that it is meant for, if that much can be read. */
  readonly connection: string | undefined
  readonly problems: readonly Problem[]
}

export interface Snapshot {
  readonly objects: ConfigObjects
  readonly malformed: readonly Malformed[]
  /** By name, for `allowedNamespaces`; empty outside of a cluster. */
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** Namespaces that are being deleted, and everything in them, in no order. */
  readonly terminating?: ReadonlySet<string>
}

/** The object whose status is meant. */
export interface ObjectReference {
  readonly kind: 'SnowflakeConnection' | 'AgentPolicy' | 'MaskingRule'
  readonly namespace: string
  readonly name: string
}

/** `KubeStore` (an API server) and `DirectoryStore` (a folder of YAML) behind one interface. */
export interface ObjectStore {
  /** Resolves once everything was read; rejects if it cannot be. */
  start(): Promise<void>
  /** False until everything was read once. */
  readonly synced: boolean
  /** All objects, as of now. The same value until something changes. */
  snapshot(): Snapshot
  /** Called after a change, at most once for changes that come together. Returns how to stop. */
  onChange(listener: () => void): () => void
  /** Writes the fields that the operator owns; others' fields stay. */
  writeStatus(object: ObjectReference, status: Readonly<Record<string, unknown>>): Promise<void>
  /** What is in its status now, whoever wrote it; undefined if nothing is known of it. */
  status?(object: ObjectReference): Readonly<Record<string, unknown>> | undefined
  /** No listener is called once it resolved. */
  stop(): Promise<void>
}
