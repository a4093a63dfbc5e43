/** Waiting for a state of the world, with the last one seen in the error. */

import { setTimeout as sleep } from 'node:timers/promises'

export interface WaitOptions {
  /** Deadline, 60 unless told. */
  readonly seconds?: number
  /** Pause between two looks, 200 unless told. */
  readonly everyMilliseconds?: number
  /** Ends the wait at once: returns why there is no point in waiting, else undefined. */
  readonly hopeless?: () => string | undefined
}

/**
 * Reads again and again until the state holds; resolves to that state. A read that throws counts
 * as a state that does not hold.
 * @throws Error naming what was awaited, for how long, and the last state or failure seen.
 */
export async function waitUntil<S>(
  what: string,
  read: () => Promise<S> | S,
  holds: (state: S) => boolean,
  options: WaitOptions = {},
): Promise<S> {
  const { seconds = 60, everyMilliseconds = 200, hopeless } = options
  const start = performance.now()
  let last = 'nothing'
  for (;;) {
    try {
      const state = await read()
      if (holds(state)) return state
      last = shown(state)
    } catch (error) {
      last = error instanceof Error ? error.message : String(error)
    }
    const reason = hopeless?.()
    if (reason !== undefined) throw new Error(`Waited for ${what}: ${reason}`)
    if (performance.now() - start > seconds * 1000) {
      throw new Error(`Waited ${seconds} s for ${what}. Last seen: ${last}`)
    }
    await sleep(everyMilliseconds)
  }
}

function shown(state: unknown): string {
  if (typeof state === 'string') return state
  if (state === undefined) return 'undefined'
  const text = JSON.stringify(state, undefined, 1)
  return text.length > 4000 ? `${text.slice(0, 4000)} …` : text
}
