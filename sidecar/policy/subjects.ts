/** Whom a policy or a masking rule speaks of. */

import type { SubjectMatcher } from '../control/bundle.ts'
import type { Principal } from '../identity/principal.ts'

/** True if any matcher matches; an empty list matches nobody. */
export function matchesSubject(principal: Principal, matchers: readonly SubjectMatcher[]): boolean {
  return matchers.some((matcher) => matchesOne(principal, matcher))
}

function matchesOne(principal: Principal, matcher: SubjectMatcher): boolean {
  return (
    matcher.provider === principal.provider &&
    (matcher.groups?.some((group) => principal.groups.includes(group)) ?? true) &&
    (matcher.subjects?.includes(principal.subject) ?? true) &&
    Object.entries(matcher.claims ?? {}).every(([claim, value]) =>
      claimIs(principal.claims, claim, value),
    )
  )
}

/** A list claim (OIDC allows both forms of `aud`, for one) is met by any of its items. */
function claimIs(claims: Principal['claims'], claim: string, value: string): boolean {
  const attested = claims[claim]
  return Array.isArray(attested) ? attested.includes(value) : attested === value
}
