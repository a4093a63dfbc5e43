/** Tells of connections that open and close, policies that are not in force, and certificates. */

import { X509Certificate } from 'node:crypto'

import { apiVersion } from '../../crds/definitions.ts'
import type { CertificateReport } from '../certs/shared-material.ts'
import type { Compiled } from '../compile/compile-all.ts'
import type { Transition } from '../controllers/transitions.ts'
import type { Events, Regarding } from '../kube/events.ts'

/** To be called after a status was written whose Ready condition is another than before. */
export function recordTransition(
  events: Pick<Events, 'record'>,
  compiled: () => Compiled,
): (transition: Transition) => void {
  return ({ reference, uid, ready, message }) => {
    const { kind, namespace, name } = reference
    const regarding: Regarding = { apiVersion, kind, namespace, name, uid }
    if (kind !== 'SnowflakeConnection') {
      if (!ready) events.record(regarding, 'PolicyInvalid', { message })
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

/** `trust` in PEM, as of after the report; `regarding` is the Secret that holds it. */
export function recordCertificates(
  events: Pick<Events, 'record'>,
  regarding: Regarding,
  trust: string,
  { event }: Pick<CertificateReport, 'event'>,
): void {
  if (event !== 'AuthorityMoved') return
  const ends = certificatesIn(trust)
    .map(({ validToDate }) => validToDate.getTime())
    .sort((a, b) => b - a)
  const [newest, ...older] = ends
  if (newest === undefined) return
  events.record(regarding, 'CertificateRotated', {
    notAfter: dateOf(newest),
    overlapUntil: dateOf(older[0] ?? newest),
  })
}

function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block))
}

function dateOf(time: number): string {
  return new Date(time).toISOString()
}
