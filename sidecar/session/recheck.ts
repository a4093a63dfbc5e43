/** Whether a session may go on under another bundle, and by which rules. Pure but for the catalogue's cache. */

import type { Bundle, ConnectionSpec } from '../control/bundle.ts'
import { FrostgateError, type ErrorName } from '../errors.ts'
import type { Governance } from '../governance.ts'
import type { Principal } from '../identity/principal.ts'
import { sameJson } from '../canonical-json.ts'
import { masksFor } from '../masking/protected.ts'
import type { SessionGrant } from '../policy/decision.ts'
import { grantSession } from '../policy/session-grant.ts'
import { quoteIdentifier } from '../sql/names.ts'
import type { GatewaySession, SessionRules } from './session.ts'

/** It goes on. `endsAt`: milliseconds since the epoch. */
export interface Kept {
  readonly rules: SessionRules
  readonly endsAt: number
}

/** `ended` says why it ends: part of a sentence, for its client. */
export type Recheck = Kept | { readonly ended: string }

type Rechecked = Pick<
  GatewaySession,
  'principal' | 'grant' | 'context' | 'overlay' | 'openedAt' | 'endsAt'
>

/** `earlier`: the bundle that the session was judged by so far. */
export function recheckSession(session: Rechecked, earlier: Bundle, now: Governance): Recheck {
  const { bundle } = now
  const changed =
    connectionChange(earlier.connection, bundle.connection) ??
    identityChange(session.principal, earlier.connection, bundle.connection) ??
    heldChange(session, earlier, bundle)
  if (changed !== undefined) return { ended: changed }
  const { grant } = session
  let granted: SessionGrant
  try {
    // Quoted, they are these names and no others, whatever they look like.
    granted = grantSession(bundle, session.principal, {
      role: quoteIdentifier(grant.role),
      warehouse: quoteIdentifier(grant.warehouse),
    })
  } catch (error) {
    if (!(error instanceof FrostgateError)) throw error
    return { ended: refusals[error.entry] ?? 'its policies do not agree any more' }
  }
  const differs = grantChange(session, granted)
  if (differs !== undefined) return { ended: differs }
  return {
    rules: {
      epoch: now.epoch,
      grant: granted,
      catalog: now.catalogs.forRole(granted.role, granted.warehouse),
      maskKeys: now.maskKeys,
    },
    // Never later than it was told at login.
    endsAt: Math.min(session.endsAt, session.openedAt + bundle.connection.maxSessionAge * 1_000),
  }
}

const refusals: Partial<Record<ErrorName, string>> = {
  PrincipalUnmatched: 'no AgentPolicy of the connection names this identity any more',
  SessionChoiceUnavailable: 'its role or warehouse is not one that policy gives it any more',
}

/** The session at Snowflake is another user's or another account's than what would be opened now. */
function connectionChange(one: ConnectionSpec, other: ConnectionSpec): string | undefined {
  const part = (['url', 'account', 'user', 'trust'] as const).find(
    (field) => one[field] !== other[field],
  )
  return part === undefined ? undefined : `the connection's ${part} is another`
}

/** Its keys may change, as all issuers' do; what a token says of a principal must be read the same. */
function identityChange(
  { provider, issuer }: Principal,
  earlier: ConnectionSpec,
  now: ConnectionSpec,
): string | undefined {
  const [before, after] = [earlier, now].map(({ identityProviders }) => {
    const spec = identityProviders.find((each) => each.name === provider && each.issuer === issuer)
    return spec && { ...spec, jwks: null, algorithms: [] }
  })
  if (after === undefined) return `identity provider "${provider}" is not one of it any more`
  return sameJson(before, after) ? undefined : `identity provider "${provider}" is set otherwise`
}

/** What was put into temporary objects was read under the earlier masks, and would be read again. */
function heldChange(
  { overlay, principal }: Rechecked,
  earlier: Bundle,
  now: Bundle,
): string | undefined {
  if (overlay.size === 0) return undefined
  return sameJson(masksFor(earlier.masks, principal), masksFor(now.masks, principal))
    ? undefined
    : 'masking rules changed, and its temporary objects were filled under the earlier ones'
}

function grantChange({ grant, context }: Rechecked, now: SessionGrant): string | undefined {
  if (now.role !== grant.role) return `its role would be ${now.role}`
  if (now.warehouse !== grant.warehouse) return `its warehouse would be ${now.warehouse}`
  if (!sameJson(now.parameters, grant.parameters)) return 'its session parameters are set otherwise'
  const { warehouse } = context
  const stands = [now.warehouse, ...now.warehouses, null].includes(warehouse)
  const stood = [grant.warehouse, ...grant.warehouses, null].includes(warehouse)
  return stood && !stands
    ? `warehouse ${String(warehouse)} is not one it may use any more`
    : undefined
}
