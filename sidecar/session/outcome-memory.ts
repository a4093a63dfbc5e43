/**
 * What all sessions together keep of outcomes that may be fetched again: a session's own bound
 * would not help a sidecar that serves a hundred of them.
 */

import { memory } from '../memory.ts'

const mebibyte = 1024 * 1024

/** Kept as text and cells, an outcome takes a few times its size. */
export function keptIn(available: number): number {
  return Math.max(32 * mebibyte, Math.min(256 * mebibyte, Math.floor(available / 8)))
}

export class OutcomeMemory {
  readonly #most: number
  readonly #kept = new Map<object, { readonly bytes: number; readonly release: () => void }>()
  #bytes = 0

  /** `most`: bytes. */
  constructor(most: number) {
    this.#most = most
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Of too much the oldest are released, `owner` itself never: its own retry may be on the way. */
  keep(owner: object, bytes: number, release: () => void): void {
    this.#kept.set(owner, { bytes, release })
    this.#bytes += bytes
    for (const [oldest, { release: letGo }] of this.#kept) {
      if (this.#bytes <= this.#most) return
      if (oldest !== owner) letGo()
    }
  }

  /** It was released, or its session is over. */
  drop(owner: object): void {
    this.#bytes -= this.#kept.get(owner)?.bytes ?? 0
    this.#kept.delete(owner)
  }
}

/** Of this process: memory is shared by whatever runs in it. */
export const everyOutcome = new OutcomeMemory(keptIn(memory()))
