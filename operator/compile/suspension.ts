/** `spec.suspend` → whom sidecars stop. */

import type { SnowflakeConnection } from '../../crds/types.ts'
import type { Suspension } from '../../sidecar/control/bundle.ts'
import type { Report } from './report.ts'

/**
 * Undefined where nobody is suspended, so that the bundle is what it was before. What is meant for
 * somebody and reaches nobody is a problem, and closes the connection: that is the safe side.
 */
export function compileSuspension(
  { spec: { suspend, identityProviders } }: SnowflakeConnection,
  report: Report,
): Suspension | undefined {
  if (suspend === undefined) return undefined
  const { all, principals = [], reason } = suspend
  const known = identityProviders.map(({ name }) => name)
  for (const [index, { provider }] of principals.entries()) {
    if (known.includes(provider)) continue
    report(
      ['spec', 'suspend', 'principals', index, 'provider'],
      `"${provider}" is no identity provider of this connection, so nobody would be stopped by it`,
      `Nobody is let through until this is mended. Use one of: ${known.join(', ')}; or set all: true`,
    )
  }
  if (!all && principals.length === 0) {
    report(
      ['spec', 'suspend'],
      'names nobody',
      'Name principals or set all: true; take the field away to suspend nobody',
    )
  }
  const once = new Map(
    principals.map(({ provider, subject }) => [
      JSON.stringify([provider, subject]),
      { provider, subject },
    ]),
  )
  return { all, principals: [...once.values()], reason }
}

/** For people: `everybody`, or `okta:agent-7, okta:agent-8 and 3 more`. */
export function suspendedNames({
  all,
  principals,
}: Pick<Suspension, 'all' | 'principals'>): string {
  if (all) return 'everybody'
  const shown = principals.slice(0, 5).map(({ provider, subject }) => `${provider}:${subject}`)
  const rest = principals.length - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
}
