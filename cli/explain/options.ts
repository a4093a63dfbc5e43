import { InvalidArgumentError } from 'commander'

import { CliError } from '../output.ts'

export function collect(value: string, before: readonly string[]): readonly string[] {
  if (value === '') throw new InvalidArgumentError('It must not be empty.')
  return [...before, value]
}

/** `repository=acme/etl`; a claim that is given twice is a list. Errors: CliError. */
export function claims(written: readonly string[]): Readonly<Record<string, string | string[]>> {
  const values = new Map<string, string[]>()
  for (const claim of written) {
    const equals = claim.indexOf('=')
    if (equals <= 0) throw new CliError(`"${claim}" is not a claim. Write NAME=VALUE.`)
    const name = claim.slice(0, equals)
    values.set(name, [...(values.get(name) ?? []), claim.slice(equals + 1)])
  }
  return Object.fromEntries(
    [...values].map(([name, all]) => [name, all.length === 1 ? (all[0] ?? '') : all]),
  )
}
