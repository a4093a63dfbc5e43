import { parseIdentifier } from '../../operator/compile/patterns.ts'
import { CliError } from '../output.ts'

/** As drivers' settings are read: folded unless quoted. Errors: CliError. */
export function storedName(written: string | undefined): string | null {
  if (written === undefined) return null
  const parsed = parseIdentifier(written)
  if ('value' in parsed) return parsed.value
  throw new CliError(`${parsed.message}. ${parsed.advice}`)
}
