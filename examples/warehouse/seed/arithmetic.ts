/**
 * Synthetic rows are SQL arithmetic on the row number, so that they are made inside DuckDB (fast)
 * and are the same on every start. `mix` is a linear congruential step; it needs no library hash,
 * whose value might change between DuckDB versions.
 */
const MODULUS = 2_147_483_647

/** A pseudo-random integer in [0, 2^31 - 1) from column `i`, a salt per use, and the seed. */
export function mix(i: string, salt: number, seed: number): string {
  const start = `((${i}) * 48271::BIGINT + ${salt * 7919 + seed * 104_729}::BIGINT) % ${MODULUS}`
  return `(((${start}) * 69621::BIGINT + ${salt + 1}) % ${MODULUS})`
}

/** An integer in [low, high]. */
export function between(i: string, salt: number, seed: number, low: number, high: number): string {
  return `(${low} + (${mix(i, salt, seed)} // 7) % ${high - low + 1})`
}

/** One of the given words. */
export function oneOf(i: string, salt: number, seed: number, words: readonly string[]): string {
  const list = words.map((word) => `'${word.replaceAll("'", "''")}'`).join(', ')
  return `[${list}][1 + (${mix(i, salt, seed)} // 7) % ${words.length}]`
}

/** The number as text of exactly `width` digits. */
export const digits = (number: string, width: number): string =>
  `lpad((${number})::VARCHAR, ${width}, '0')`
