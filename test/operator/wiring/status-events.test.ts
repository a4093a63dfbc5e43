import { describe, expect, test } from 'vitest'

import { compileAll } from '../../../operator/compile/compile-all.ts'
import { CertificateAuthority } from '../../../operator/certs/certificate-authority.ts'
import { certificateEvents, recordTransition } from '../../../operator/wiring/status-events.ts'
import { SecretInMemory } from '../../support/secret-in-memory.ts'
import { connection, maskingRule, policy, snapshotOf } from '../compile/objects.ts'

function recorded() {
  const all: unknown[][] = []
  return { all, events: { record: (...given: unknown[]) => void all.push(given) } }
}

describe('Events tell', () => {
  const compiled = compileAll(
    snapshotOf(connection('acme'), policy('agents', 'acme'), maskingRule('ssn', 'acme')),
  )
  const of = (kind: 'SnowflakeConnection' | 'AgentPolicy', name: string, ready: boolean) => ({
    reference: { kind, namespace: 'frostgate', name },
    uid: 'u',
    ready,
    message: 'a reason',
  })

  test('of a connection that opens, with what is in force, and of one that closes', () => {
    const { all, events } = recorded()
    const tell = recordTransition(events, () => compiled)
    tell(of('SnowflakeConnection', 'acme', true))
    tell(of('SnowflakeConnection', 'acme', false))
    const bundle = expect.stringMatching(/^sha256:/) as unknown
    expect(all.map(([, reason, parameters]) => [reason, parameters])).toEqual([
      ['ConnectionReady', { bundle, policies: 1, maskingRules: 1 }],
      ['ConnectionClosed', { message: 'a reason' }],
    ])
    expect(all[0]?.[0]).toMatchObject({ kind: 'SnowflakeConnection', name: 'acme', uid: 'u' })
  })

  test('of a policy that is not in force, and of none that is', () => {
    const { all, events } = recorded()
    const tell = recordTransition(events, () => compiled)
    tell(of('AgentPolicy', 'agents', true))
    tell(of('AgentPolicy', 'agents', false))
    expect(all.map(([, reason]) => reason)).toEqual(['PolicyInvalid'])
  })

  test('of another authority once the leader’s leaf is by it, and not of a new leaf', async () => {
    const authorities = [0, 1].map(
      () =>
        new CertificateAuthority({
          secret: new SecretInMemory(),
          names: ['broker.example'],
          report: () => undefined,
        }),
    )
    for (const each of authorities) await each.start()
    const { all, events } = recorded()
    const regarding = { apiVersion: 'v1', kind: 'Secret', namespace: 'n', name: 'keys' }
    const tell = certificateEvents(events, () => true, regarding)
    const silent = certificateEvents(events, () => false, regarding)
    for (const each of [authorities[0], authorities[0], authorities[1]]) {
      if (each === undefined) throw new Error('no authority')
      tell(each.leaf(), each.trust())
      silent(each.leaf(), each.trust())
    }
    expect(all).toEqual([
      [
        regarding,
        'CertificateRotated',
        { notAfter: expect.stringMatching(/^20\d\d-.*Z$/) as unknown },
      ],
    ])
    for (const each of authorities) await each.stop()
  })
})
