/** Other names of a principal that its token tells: nobody approves their own statement under one. */

import type { Principal } from './principal.ts'

/**
 * Claims that name a person: OpenID Connect's standard claims, those of Entra ID and of AD FS, and
 * who set off a run at GitHub and GitLab.
 */
const naming = [
  ...['email', 'preferred_username', 'upn', 'unique_name', 'username', 'user_name', 'login'],
  ...['oid', 'samaccountname', 'actor', 'user_login', 'user_email'],
] as const

/** What people are called: two may share it. */
const calling = ['name', 'nickname'] as const

const most = 16
const longest = 1_024

/** As the token writes them, each once, and none that is the subject. */
export function aliasesOf(principal: Named): string[] {
  return namesIn([...naming, ...calling], principal)
}

/** The same but for names that two people may share. */
export function accountNamesOf(principal: Named): string[] {
  return namesIn(naming, principal)
}

type Named = Pick<Principal, 'claims' | 'subject'>

function namesIn(from: readonly string[], { claims, subject }: Named): string[] {
  const names = from.flatMap((claim) => {
    const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined
    const usable = typeof value === 'string' && value.trim() !== '' && value.length <= longest
    return usable && value !== subject ? [value] : []
  })
  return [...new Set(names)].slice(0, most)
}
