/**
 * Who may ask for a statement by its id: the session that ran it, and every other open session of
 * the same identity to which the same rules give the same. For anybody else it does not exist.
 */

import { sameJson } from '../canonical-json.ts'
import type { Bundle } from '../control/bundle.ts'
import { masksFor } from '../masking/protected.ts'
import type { Elsewhere } from './released.ts'
import { hasEnded, type LedgerEntry } from './ledger.ts'
import type { GatewaySession } from './session.ts'

export interface Found {
  /** Of whose ledger it is. */
  readonly session: GatewaySession
  readonly entry: LedgerEntry
}

export interface Openly {
  readonly sessions: readonly GatewaySession[]
  /** In force now. */
  readonly bundle: Bundle
}

/**
 * Undefined for a statement that nobody ran as for one that somebody else ran: ledgers of others are
 * not looked into, so neither answer takes longer.
 */
export function findStatement(
  session: GatewaySession,
  id: string,
  openly: Openly,
): Found | undefined {
  const statement = id.toLowerCase()
  const own = session.ledger.byStatement(statement)
  if (own !== undefined) return { session, entry: own }
  for (const other of siblings(session, openly)) {
    const entry = other.ledger.byStatement(statement)
    if (entry?.bundle === openly.bundle.digest) return { session: other, entry }
  }
  return undefined
}

/** By the number that clients know it by; undefined for one of somebody else, as for none. */
export function findSession(
  session: GatewaySession,
  number: string,
  openly: Openly,
): GatewaySession | undefined {
  return [session, ...siblings(session, openly)].find((each) => String(each.number) === number)
}

/** What RESULT_SCAN may read of other sessions, and what to say where there is nothing yet. */
export function elsewhere(session: GatewaySession, openly: () => Openly): Elsewhere {
  return {
    byStatement: (statement) =>
      siblings(session, openly())
        .map(({ released }) => released.ownStatement(statement))
        .find((result) => result !== undefined),
    obstacle: (statement) => {
      const entry = findStatement(session, statement, openly())?.entry
      return entry === undefined ? undefined : obstacleOf(entry)
    },
  }
}

function obstacleOf(entry: LedgerEntry): string | undefined {
  if (entry.state === 'held') return 'it waits for approval; ask again when it has run'
  if (!hasEnded(entry)) return 'it is still running; ask again when it has ended'
  return entry.state === 'failed'
    ? `it was refused or failed (${entry.told?.code ?? 'no code'}), so it gave no result`
    : undefined
}

function siblings(session: GatewaySession, openly: Openly): readonly GatewaySession[] {
  return openly.sessions.filter(
    (other) => other !== session && isSameIdentity(session, other, openly.bundle),
  )
}

/** Groups and grant may differ between two tokens of one subject: the same rules must give the same. */
function isSameIdentity(one: GatewaySession, other: GatewaySession, bundle: Bundle): boolean {
  const [a, b] = [one.principal, other.principal]
  return (
    a.subject === b.subject &&
    a.issuer === b.issuer &&
    a.provider === b.provider &&
    a.run === b.run &&
    sameJson([...a.groups].sort(), [...b.groups].sort()) &&
    sameJson(grantOf(one), grantOf(other)) &&
    // One list for all whom the very same rules bind.
    masksFor(bundle.masks, a) === masksFor(bundle.masks, b)
  )
}

function grantOf({ grant }: GatewaySession): unknown {
  return { role: grant.role, policies: grant.policies, limits: grant.limits }
}
