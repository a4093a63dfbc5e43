/** Tells of connections that open and close, policies that are not in force, and certificates. */

import { X509Certificate } from 'node:crypto'

import { apiVersion } from '../../crds/definitions.ts'
import { certificatesIn } from '../../sidecar/control/pem.ts'
import type { Leaf } from '../certs/certificate-authority.ts'
import type { Compiled } from '../compile/compile-all.ts'
import type { Transition } from '../controllers/transitions.ts'
import type { Events, Regarding } from '../kube/events.ts'

/** To be called after a status was written whose Ready condition is another than before. */
export function recordTransition(
  events: Pick<Events, 'record'>,
  compiled: () => Compiled,
): (transition: Transition) => void {
  return ({ reference, uid, ready, suspended, message }) => {
    const { kind, namespace, name } = reference
    const regarding: Regarding = { apiVersion, kind, namespace, name, uid }
    if (kind !== 'SnowflakeConnection') {
      if (!ready) events.record(regarding, 'PolicyInvalid', { message })
      return
    }
    if (suspended) {
      events.record(regarding, 'ConnectionSuspended', { message })
      return
    }
    const state = compiled().connections.get(`${namespace}/${name}`)?.state
    if (ready && state !== undefined && 'bundle' in state) {
      const { digest, policies, masks } = state.bundle
      const counts = { policies: policies.length, maskingRules: masks.length }
      events.record(regarding, 'ConnectionReady', { bundle: digest, ...counts })
    } else if (!ready) events.record(regarding, 'ConnectionClosed', { message })
  }
}

/**
 * To be called when the leaf or who is trusted has changed. Every replica remembers who issued its
 * leaf; only the leader tells that it is another now. `regarding` is the Secret that holds the keys.
 */
export function certificateEvents(
  events: Pick<Events, 'record'>,
  isLeader: () => boolean,
  regarding: Regarding,
): (leaf: Pick<Leaf, 'cert'>, trust: string) => void {
  let known: string | undefined
  return ({ cert }, trust) => {
    const leaf = new X509Certificate(cert)
    const issuer = certificatesIn(trust).find((each) => leaf.verify(each.publicKey))
    const before = known
    known = issuer?.fingerprint256
    if (issuer === undefined || before === undefined || before === known || !isLeader()) return
    const notAfter = issuer.validToDate.toISOString()
    events.record(regarding, 'CertificateRotated', { notAfter })
  }
}
