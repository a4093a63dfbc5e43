/** Whom a what-if question is about: an identity as it is written, or the claims of a token. */

import { decodeJwt } from 'jose'

import { suggest } from '../../crds/suggestion.ts'
import type { ConnectionSpec, IdentityProviderSpec } from '../../sidecar/control/bundle.ts'
import { FrostgateError } from '../../sidecar/errors.ts'
import type { Principal } from '../../sidecar/identity/principal.ts'
import { principalOf, providerOf } from '../../sidecar/identity/verify.ts'
import { CliError } from '../output.ts'

export interface WrittenIdentity {
  readonly provider: string
  readonly subject: string
  readonly groups: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
}

/** The principal that a token with just these claims would give. Errors: CliError. */
export function principalFrom(
  { provider, subject, groups, claims }: WrittenIdentity,
  { identityProviders }: ConnectionSpec,
): Principal {
  const spec = providerNamed(provider, identityProviders)
  const inClaims = claims[spec.groupsClaim]
  return principalOf(
    {
      iss: spec.issuer,
      ...(groups.length === 0 ? {} : { [spec.groupsClaim]: [...groups] }),
      ...claims,
      ...(groups.length === 0 || inClaims === undefined
        ? {}
        : { [spec.groupsClaim]: [...groups, ...[inClaims].flat()] }),
      sub: subject,
    },
    spec,
  )
}

/** `okta:agent-7`; without a provider where the connection has only one. Errors: CliError. */
export function parseAs(
  written: string,
  { identityProviders, name }: ConnectionSpec,
): Pick<WrittenIdentity, 'provider' | 'subject'> {
  const colon = written.indexOf(':')
  const [only, second] = identityProviders
  if (colon < 0 && only !== undefined && second === undefined) {
    return { provider: only.name, subject: written }
  }
  if (colon <= 0) {
    throw new CliError(
      `"${written}" does not say which identity provider of connection "${name}" it is of. Write PROVIDER:SUBJECT, such as ${only?.name ?? 'okta'}:${written.replace(':', '')}.`,
    )
  }
  return { provider: written.slice(0, colon), subject: written.slice(colon + 1) }
}

/** What a token says of its bearer. Nothing is verified: neither signature nor expiry. Errors: CliError. */
export function principalOfToken(token: string, { identityProviders }: ConnectionSpec): Principal {
  try {
    const provider = providerOf(token.trim(), identityProviders)
    return principalOf(decodeJwt(token.trim()), provider)
  } catch (error) {
    if (error instanceof FrostgateError) throw new CliError(error.message)
    throw error
  }
}

function providerNamed(
  name: string,
  providers: readonly IdentityProviderSpec[],
): IdentityProviderSpec {
  const found = providers.find((provider) => provider.name === name)
  if (found !== undefined) return found
  const names = providers.map((provider) => provider.name)
  const meant = suggest(name, names)
  throw new CliError(
    `"${name}" is not an identity provider of the connection. ${meant === undefined ? `It has: ${names.join(', ')}.` : `Did you mean ${meant}?`}`,
  )
}
