/** Chance that can be repeated: the same seed gives the same statements. */

export interface Dice {
  /** True in this share of cases. */
  chance(share: number): boolean
  /** From 0 to `below`, whole. */
  roll(below: number): number
  pick<T>(items: readonly T[]): T
  /** By weight. */
  weighted<T>(items: readonly (readonly [weight: number, item: T])[]): T
}

export function diceOf(seed: number): Dice {
  let state = seed >>> 0
  // mulberry32: small, and good enough to choose words with.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const roll = (below: number): number => Math.floor(next() * below)
  return {
    chance: (share) => next() < share,
    roll,
    pick: (items) => itemAt(items, roll(items.length)),
    weighted: (items) => {
      let left = next() * items.reduce((sum, [weight]) => sum + weight, 0)
      const found = items.find(([weight]) => (left -= weight) < 0)
      return (found ?? itemAt(items, items.length - 1))[1]
    },
  }
}

function itemAt<T>(items: readonly T[], index: number): T {
  if (index < 0 || index >= items.length) throw new Error('nothing to pick from')
  return items[index] as T
}
