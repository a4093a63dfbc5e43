/** A governor over made-up governances: no network, and events go where the test says. */

import { pino } from 'pino'

import type { Bundle } from '../../sidecar/control/bundle.ts'
import type { Governance } from '../../sidecar/governance.ts'
import { Governor } from '../../sidecar/governor.ts'
import type { RecordedEvent } from '../../sidecar/recording/events.ts'
import { ChunkStore } from '../../sidecar/results/chunk-store.ts'
import { StatementLedger } from '../../sidecar/session/ledger.ts'
import type { GatewaySession } from '../../sidecar/session/session.ts'
import { SessionStore } from '../../sidecar/session/store.ts'
import { UnderWay } from '../../sidecar/under-way.ts'
import { allow, bundle, grant, policy, principal } from './policy/support.ts'

const provider = {
  name: 'okta', issuer: principal.issuer, audiences: ['frostgate'], groupsClaim: 'groups',
  algorithms: ['RS256'], jwks: null, podBound: false,
} // prettier-ignore

/** Bundle number `n`; its limit tells it from others in a grant. */
export function numbered(n: number): Bundle {
  const limits = { ...policy([]).limits, statementsPerMinute: n }
  const made = bundle(policy([allow()], { limits }))
  return {
    ...made,
    digest: `sha256:${n}`,
    connection: { ...made.connection, identityProviders: [provider] },
  }
}

export const numberOf = ({ digest }: Pick<Bundle, 'digest'>): number => Number(digest.slice(7))

export interface Closable {
  closed: boolean
}

/** Each has a transport and a catalogue of its own. */
export function governance(of: Bundle, earlier?: Governance): Governance {
  const closable = (): Closable => {
    const it = {
      closed: false,
      forRole: () => ({ role: 'r' }),
      close: () => Promise.resolve((it.closed = true)),
    }
    return it
  }
  const epoch = (earlier?.epoch ?? 0) + 1
  const parts = { catalogs: closable(), transport: closable(), signer: {}, maskKeys: new Map() }
  return { epoch, bundle: of, ...parts } as unknown as Governance
}

export function sessionUnder({ epoch, bundle: of }: Governance): GatewaySession {
  const limits = { ...grant.limits, statementsPerMinute: numberOf(of) }
  return {
    id: 's', principal, epoch, grant: { ...grant, limits }, maskKeys: new Map(),
    overlay: new Map(), ledger: new StatementLedger(), openedAt: 0, endsAt: 1e12, lastUsedAt: 0,
    context: { database: null, schema: null, role: grant.role, warehouse: grant.warehouse },
  } as unknown as GatewaySession
} // prettier-ignore

export function governed(record: (event: RecordedEvent) => Promise<void>) {
  const sessions = new SessionStore({ now: () => 1, onClose: () => Promise.resolve() })
  const first = governance(numbered(1))
  const governor = new Governor(first, {
    sessions,
    chunks: new ChunkStore(() => true),
    logouts: new UnderWay(),
    log: pino({ level: 'silent' }),
    onIncident: () => undefined,
    recorder: { record, blob: () => Promise.resolve(null) },
    succeed: (next, _secrets, earlier) => governance(next, earlier),
  })
  return { governor, sessions, first }
}
