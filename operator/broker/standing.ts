/**
 * What a sidecar that was let in may have now. Asked at each call and at each change. Whoever deletes
 * a connection takes it back; one that cannot be compiled is closed until it is mended.
 */

import type { Bundle } from '../../sidecar/control/bundle.ts'
import type { Caller } from './access-token.ts'
import { keyOf, type BrokerDependencies, type ServedConnection } from './dependencies.ts'
import { BrokerError } from './errors.ts'
import { podName } from './evidence.ts'
import type { Revocations } from './revocations.ts'

export type Standing =
  | { readonly kind: 'served'; readonly bundle: Bundle; readonly connection: ServedConnection }
  /** Nothing runs until the connection's objects are mended. */
  | { readonly kind: 'closed'; readonly reason: string }
  | { readonly kind: 'revoked'; readonly error: BrokerError }

export function standingOf(
  caller: Pick<Caller, 'pod' | 'connection'>,
  dependencies: Pick<BrokerDependencies, 'connections' | 'isAllowed' | 'isUnreadable'>,
  revocations: Revocations,
): Standing {
  const { connections, isAllowed, isUnreadable } = dependencies
  const { pod } = caller
  const revoked = revocations.podReason(pod.uid)
  if (revoked !== undefined) {
    const error = BrokerError.of('PodRevoked', { pod: podName(pod), reason: revoked })
    return { kind: 'revoked', error }
  }
  const connection = keyOf(caller.connection)
  const served = connections().get(connection)
  if (served === undefined) {
    return isUnreadable?.(connection) === true
      ? { kind: 'closed', reason: `SnowflakeConnection ${connection} cannot be read` }
      : { kind: 'revoked', error: BrokerError.of('ConnectionUnknown', { connection }) }
  }
  if (!isAllowed(served.connection, pod.namespace)) {
    const error = BrokerError.of('NamespaceNotAllowed', { connection, namespace: pod.namespace })
    return { kind: 'revoked', error }
  }
  if ('closed' in served.state) return { kind: 'closed', reason: served.state.closed }
  return { kind: 'served', bundle: served.state.bundle, connection: served }
}

/** Errors: those of a standing that is not `served`. */
export function requireServed(
  standing: Standing,
  connection: Caller['connection'],
): Extract<Standing, { kind: 'served' }> {
  if (standing.kind === 'served') return standing
  if (standing.kind === 'revoked') throw standing.error
  // A sentence of its own, which says its own full stop.
  const reason = standing.reason.replace(/\.$/, '')
  throw BrokerError.of('ConnectionClosed', { connection: keyOf(connection), reason })
}
