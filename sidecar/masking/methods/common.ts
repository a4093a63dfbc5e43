/** Of two masks of one kind, the one that shows only what both of them show. */

import type { MaskMethod } from '../../control/bundle.ts'
import { decimalOf, decimalText } from './bucket.ts'
import { shownFrom } from './partial.ts'

type Kind = MaskMethod['kind']
type Method<K extends Kind> = Extract<MaskMethod, { readonly kind: K }>
type Meets = {
  readonly [K in Kind]?: (a: Method<K>, b: Method<K>) => MaskMethod | null
}

const coarseness = { Month: 0, Quarter: 1, Year: 2 } as const

/** Kinds without an entry have a mask in common only if they are equal. */
const meets: Meets = {
  partial: (a, b) => {
    const keepFirst = Math.min(a.keepFirst, b.keepFirst)
    const keepLast = Math.min(a.keepLast, b.keepLast)
    const both: Method<'partial'> = { kind: 'partial', keepFirst, keepLast }
    const hiddenBelow = Math.max(shownFrom(a), shownFrom(b))
    return hiddenBelow > shownFrom(both) ? { ...both, hiddenBelow } : both
  },
  dateTruncate: (a, b) => (coarseness[a.to] >= coarseness[b.to] ? a : b),
  bucket: (a, b) => {
    const size = leastCommonMultiple(a.size, b.size)
    return size === null ? null : { kind: 'bucket', size }
  },
}

/** Null: there is none but the mask that shows nothing. Both are of one kind. */
export function commonMask(a: MaskMethod, b: MaskMethod): MaskMethod | null {
  const meet = meets[a.kind] as ((a: MaskMethod, b: MaskMethod) => MaskMethod | null) | undefined
  if (meet !== undefined) return meet(a, b)
  return fieldsOf(a) === fieldsOf(b) ? a : null
}

function fieldsOf(method: MaskMethod): string {
  const sorted = (value: object): unknown =>
    Object.entries(value)
      .map(([name, field]: [string, unknown]) => [
        name,
        typeof field === 'object' && field !== null ? sorted(field) : field,
      ])
      .sort(([one], [two]) => (String(one) < String(two) ? -1 : 1))
  return JSON.stringify(sorted(method))
}

/** A multiple of a multiple toward zero is what either gives of the other. Null if inexact. */
function leastCommonMultiple(a: number, b: number): number | null {
  const [one, two] = [decimalOf(a), decimalOf(b)]
  if (one === null || two === null) return null
  const scale = Math.max(one.scale, two.scale)
  const [x, y] = [one, two].map(({ digits, scale: own }) => digits * 10n ** BigInt(scale - own))
  if (x === undefined || y === undefined || x <= 0n || y <= 0n) return null
  const multiple = (x / greatestCommonDivisor(x, y)) * y
  const size = Number(decimalText(multiple, scale))
  const exact = decimalOf(size)
  const same =
    exact !== null && exact.digits * 10n ** BigInt(scale) === multiple * 10n ** BigInt(exact.scale)
  return same && size <= Number.MAX_SAFE_INTEGER ? size : null
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b)
}
