/** Values that nobody expects, made again by a seed. */

import { random, type Random } from '../fuzz/random.ts'

/** Each case has choices of its own, so that it can be made again without those before it. */
export function choicesOf(seed: number, index: number): Random {
  return random(Math.imul(seed + 1, 2_654_435_761) ^ Math.imul(index + 1, 40_503))
}

/** Planted where nothing may be passed on. No part of any name that the gateway itself uses. */
export const markerWord = 'zqmarker'
export const markerOf = (index: number): string => `${markerWord}${index}q`

const oddTexts = [
  '', '__proto__', 'constructor', 'toString', '\u0000', '\ud800', '\u202e', '%', '../..', '-1', '1e999', 'null',
  "'; DROP TABLE x; --", 'SELECT 1', 'x'.repeat(3_000), '\r\nX-Injected: 1', 'http://127.0.0.1:9/',
] // prettier-ignore
const oddNumbers = [0, -0, -1, 1.5, 2 ** 31, 2 ** 53 + 2, 1e308, -1e308, Number.MAX_SAFE_INTEGER]

/** Any JSON value; `plant` stands in some of its texts and names. */
export function odd(choices: Random, plant?: string, depth = 2): unknown {
  const kinds = depth > 0 ? 7 : 5
  const inner = (): unknown => odd(choices, plant, depth - 1)
  switch (choices.below(kinds)) {
    case 0:
      return choices.pick([null, true, false])
    case 1:
      return choices.pick(oddNumbers)
    case 2:
    case 3:
      return choices.pick(oddTexts)
    case 4:
      return plant ?? choices.pick(oddTexts)
    case 5:
      return Array.from({ length: choices.below(4) }, inner)
    default:
      return ownMembers([
        [choices.pick(oddTexts), inner()],
        [plant ?? 'unheardOf', inner()],
      ])
  }
}

/** `__proto__` among the names makes a member like any other, as JSON.parse does. */
export function ownMembers(entries: readonly (readonly [string, unknown])[]): object {
  const made = {}
  for (const [name, value] of entries)
    Object.defineProperty(made, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    })
  return made
}

export function nested(depth: number, array: boolean): string {
  return array
    ? '['.repeat(depth) + ']'.repeat(depth)
    : '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)
}
