/** Resource quantities, as far as CPU and memory need them. */

/** Thousandths, so that `20m` is a whole number. */
export type Quantity = bigint

const factors: Readonly<Record<string, bigint>> = {
  m: 1n,
  '': 1000n,
  k: 1000n ** 2n,
  M: 1000n ** 3n,
  G: 1000n ** 4n,
  T: 1000n ** 5n,
  Ki: 1000n * 1024n,
  Mi: 1000n * 1024n ** 2n,
  Gi: 1000n * 1024n ** 3n,
  Ti: 1000n * 1024n ** 4n,
}

/** Undefined for what is no quantity, is finer than a thousandth or has an exponent. */
export function parseQuantity(text: string): Quantity | undefined {
  const match = /^(\d{1,15})(?:\.(\d{1,9}))?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text)
  if (match === null) return undefined
  const [, whole = '', fraction = '', suffix = ''] = match
  const scaled = BigInt(whole + fraction) * (factors[suffix] ?? 0n)
  const divisor = 10n ** BigInt(fraction.length)
  return scaled % divisor === 0n ? scaled / divisor : undefined
}

/** As the API server writes it back, so that what it stores equals what was rendered. */
export function formatQuantity(quantity: Quantity, kind: 'cpu' | 'memory'): string {
  if (quantity % 1000n !== 0n) return `${quantity}m`
  const units = quantity / 1000n
  const binary = kind === 'memory' && units % 1024n === 0n
  const suffixes = binary ? ['', 'Ki', 'Mi', 'Gi', 'Ti'] : ['', 'k', 'M', 'G', 'T']
  const step = binary ? 1024n : 1000n
  let [value, power] = [units, 0]
  while (value !== 0n && value % step === 0n && power < suffixes.length - 1)
    [value, power] = [value / step, power + 1]
  return `${value}${suffixes[power] ?? ''}`
}

export function mebibytes(quantity: Quantity): number {
  return Number(quantity / (factors['Mi'] ?? 1n))
}
