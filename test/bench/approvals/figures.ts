/** How figures are printed. */

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

export function heading(text: string): void {
  console.log(`\n${text}`)
}

export function row(what: string, values: readonly number[]): void {
  const [half, most, max] = [0.5, 0.99, 1].map((share) => quantile(values, share).toFixed(1))
  console.log(`  ${what.padEnd(58)} p50 ${half ?? ''}  p99 ${most ?? ''}  max ${max ?? ''}`)
}

export function figure(what: string, value: number, digits = 1): void {
  console.log(`  ${what.padEnd(58)} ${value.toFixed(digits)}`)
}

/** p50 and p99 of one beside those of the other. */
export function ratio(what: string, one: readonly number[], other: readonly number[]): void {
  const [half, most] = [0.5, 0.99].map((share) =>
    (quantile(one, share) / quantile(other, share)).toFixed(2),
  )
  console.log(`  ${what.padEnd(58)} p50 ${half ?? ''} x  p99 ${most ?? ''} x`)
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
