/** Waiting until everything that is followed was listed once. */

import { setTimeout as delay } from 'node:timers/promises'

import type { Reflector } from './reflector.ts'

/** Starts all. Says which were not listed in time, and why; these go on trying. */
export async function startListing(
  reflectors: readonly Reflector<unknown>[],
  patienceMs: number,
): Promise<readonly string[]> {
  for (const each of reflectors) each.start()
  const waiting = new AbortController()
  await Promise.race([
    Promise.all(reflectors.map((each) => each.whenSynced())),
    delay(patienceMs, undefined, { signal: waiting.signal }).catch(() => undefined),
  ])
  waiting.abort()
  return reflectors
    .filter(({ synced }) => !synced)
    .map(({ resource, lastError }) => {
      const why = lastError instanceof Error ? lastError.message : 'no answer yet'
      return `${resource.plural}: ${why}`
    })
}
