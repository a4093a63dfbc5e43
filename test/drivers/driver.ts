/** A driver under test, or why it is not here. */

import type { Check } from './check.ts'
import type { Snippet } from './snippet.ts'

/** A client program that takes the path of a plan. */
export interface Driver {
  readonly title: string
  /** Whose rules of its own the judges know: `python`, `node`, `java`, `go`. */
  readonly language: string
  /** Name of the exception that the driver raises when Snowflake refuses a statement. */
  readonly refusalType: string
  readonly command: readonly [program: string, ...words: readonly string[]]
  /** What only this driver has. */
  readonly checks?: readonly Check[]
  /** The connection that docs/clients.md shows; the suite runs it. */
  readonly snippet?: Snippet
}

/** Why a driver cannot be had on this machine, and the remedy. */
export interface Skipped {
  readonly title: string
  readonly skipped: string
}

/** A driver that should be here but could not be installed. */
export interface Broken {
  readonly title: string
  readonly broken: string
}

export type Available = Driver | Skipped | Broken

/** Gets a line when something slow begins. */
export type Say = (line: string) => void

/** One kind of client; several if it is tested in several versions. */
export type Client = (say: Say) => Promise<Available>
