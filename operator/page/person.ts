/** From verified claims to a person, in the terms that Kubernetes' OIDC authenticator uses. */

import { accountNamesOf } from '../../sidecar/identity/aliases.ts'
import type { JsonObject } from '../../sidecar/json.ts'
import type { PageSettings } from './settings.ts'
import type { Session } from './session.ts'

/** A sentence for whoever wanted to log in. */
export class LoginRefused extends Error {}

/** As an ApprovalDecision can hold them. */
const most = { username: 1024, groups: 256, group: 256, aliases: 16 }

/** @throws LoginRefused */
export function personOf(claims: JsonObject, settings: PageSettings): Session['person'] {
  const { issuer, usernameClaim, usernamePrefix } = settings
  const subject = claims['sub']
  if (typeof subject !== 'string' || subject === '')
    throw new LoginRefused('The provider does not say who you are: its token has no “sub”.')
  const name = claims[usernameClaim]
  if (typeof name !== 'string' || name === '')
    throw new LoginRefused(
      `Your token has no text in the claim “${usernameClaim}”, which the page takes your name from. Ask whoever runs the provider to add it.`,
    )
  // As Kubernetes: an address that is said not to be verified may be anybody's.
  if (usernameClaim === 'email' && (claims['email_verified'] ?? true) !== true)
    throw new LoginRefused('Your provider has not verified your e-mail address. Verify it there.')
  const username = `${usernamePrefix}${name}`
  if (username.length > most.username)
    throw new LoginRefused(`Your user name is longer than ${most.username} characters.`)
  if (username.startsWith('system:'))
    throw new LoginRefused('Your user name begins with “system:”, which is kept for Kubernetes.')
  // An address that is not verified may be another person's.
  const { email, ...others } = claims
  const known = claims['email_verified'] === false ? others : { email, ...others }
  const aliases = [...new Set([name, ...accountNamesOf({ claims: known, subject })])]
    .filter((alias) => alias !== subject)
    .slice(0, most.aliases)
  return { username, groups: groupsOf(claims, settings), issuer, subject, aliases }
}

function groupsOf(claims: JsonObject, { groupsClaim, groupsPrefix }: PageSettings): string[] {
  const value = claims[groupsClaim] ?? []
  const names: readonly unknown[] = Array.isArray(value) ? value : [value]
  const texts = names.filter((name) => typeof name === 'string')
  if (texts.length !== names.length)
    throw new LoginRefused(
      `The claim “${groupsClaim}” of your token is no list of texts. Ask whoever runs the provider.`,
    )
  if (texts.length > most.groups)
    throw new LoginRefused(
      `Your token names ${texts.length} groups, more than the ${most.groups} that a decision can tell. Ask whoever runs the provider to send only those that this application needs.`,
    )
  return [...new Set(texts.map((name) => `${groupsPrefix}${name}`))].filter(
    // Names of Kubernetes' own are not a provider's to give.
    (name) => name !== '' && name.length <= most.group && !name.startsWith('system:'),
  )
}

/** For people to read only. */
export function displayNameOf(claims: JsonObject, username: string): string {
  const names = [claims['name'], claims['preferred_username'], claims['email']]
  const name = names.find((text) => typeof text === 'string' && text.trim() !== '')
  return typeof name === 'string' ? name.slice(0, 120) : username
}
