/**
 * The seed of every property test, the same in each run, so that a change fails for what it changed
 * and not for the draw. `FROSTGATE_SEED=random` (or a number) looks elsewhere: use it to search.
 */

import fc from 'fast-check'

const wanted = process.env['FROSTGATE_SEED'] ?? '20261122'
if (wanted !== 'random') {
  const seed = Number(wanted)
  if (!Number.isInteger(seed))
    throw new Error(`FROSTGATE_SEED: "random" or a whole number, not ${wanted}`)
  fc.configureGlobal({ seed })
}
