/**
 * Canaries: made-up values planted among protected ones. No result may hold one, also not within a
 * longer text; seeing one means that masking is broken. Compared exactly.
 */

export interface CanarySearch {
  readonly none: boolean
  /** Each as UTF-8. */
  readonly spelled: readonly Buffer[]
  /** Bytes of the longest but one: so many may have come of one that is not whole yet. */
  readonly overlap: number
  /** Whether a number can hold one. */
  readonly numeric: boolean
  /** Whether any of them is in the text. */
  in(text: string): boolean
  /** Searches bytes, UTF-8, that come one after the other, across their borders too. */
  stream(): (bytes: Buffer) => boolean
}

export function canarySearch(canaries: readonly string[]): CanarySearch {
  const values = canaries.filter((canary) => canary !== '')
  const spelled = values.map((canary) => Buffer.from(canary))
  const overlap = Math.max(1, ...spelled.map((bytes) => bytes.length)) - 1
  return {
    none: values.length === 0,
    spelled,
    overlap,
    numeric: values.some((value) => /^[+-]?[\d.]*(e[+-]?\d*)?$/.test(value)),
    in: (text) => values.some((canary) => text.includes(canary)),
    stream: () => {
      let tail: Buffer = Buffer.alloc(0)
      return (bytes) => {
        if (overlap === 0) return spelled.some((canary) => bytes.includes(canary))
        const border = Buffer.concat([tail, bytes.subarray(0, overlap)])
        tail = Buffer.concat([tail, bytes.subarray(-overlap)]).subarray(-overlap)
        return spelled.some((canary) => bytes.includes(canary) || border.includes(canary))
      }
    },
  }
}
