import { X509Certificate } from 'node:crypto'

import { beforeEach, describe, expect, test } from 'vitest'

import {
  CertificateAuthority,
  type CertificateAuthorityOptions,
} from '../../../operator/certs/certificate-authority.ts'
import { dataKeys } from '../../../operator/certs/material.ts'
import { rotationTimes } from '../../../operator/certs/rotation.ts'
import type { CertificateReport } from '../../../operator/certs/shared-material.ts'
import { SecretInMemory } from '../../support/secret-in-memory.ts'

const hour = 3_600_000
const day = 24 * hour

let secret: SecretInMemory
let clock: number
let reports: CertificateReport[]

beforeEach(() => {
  secret = new SecretInMemory()
  clock = Date.parse('2026-01-01T00:00:00Z')
  reports = []
})

function replica(options: Partial<CertificateAuthorityOptions> = {}): CertificateAuthority {
  return new CertificateAuthority({
    secret,
    names: ['frostgate-broker.frostgate.svc'],
    now: () => clock,
    report: (report) => reports.push(report),
    intervalMs: 3_600_000,
    ...options,
  })
}

async function started(options: Partial<CertificateAuthorityOptions> = {}) {
  const authority = replica(options)
  await authority.start()
  return authority
}

function certificates(pem: string): readonly string[] {
  return pem.match(/-----BEGIN[^-]+-----[^-]+-----END CERTIFICATE-----/g) ?? []
}

/** Whether a client that was told `trust` would accept the replica's leaf. */
function accepts(trust: string, authority: CertificateAuthority): boolean {
  const leaf = new X509Certificate(authority.leaf().cert)
  return certificates(trust).some((pem) => {
    const ca = new X509Certificate(pem)
    return leaf.checkIssued(ca) && leaf.verify(ca.publicKey)
  })
}

describe('what replicas share', () => {
  test('is made once, whoever comes first', async () => {
    const first = replica()
    const second = replica()
    await Promise.all([first.start(), second.start()])
    expect(secret.writes).toBe(1)
    expect(first.trust()).toBe(second.trust())
    expect(first.seal('a text')).toBe(second.seal('a text'))
    expect(first.signingKeys().current.kid).toBe(second.signingKeys().current.kid)
    expect(first.leaf().cert).not.toBe(second.leaf().cert)
    expect(accepts(first.trust(), second)).toBe(true)
  })

  test('is not made anew because the API server is away', async () => {
    const before = await started()
    secret.away = true
    const late = replica()
    await expect(late.start()).rejects.toThrow('away')
    secret.away = false
    await late.start()
    expect(late.trust()).toBe(before.trust())
    expect(secret.writes).toBe(1)
  })

  test('goes on being served while the API server is away, and the leaf is renewed', async () => {
    const authority = await started()
    const { cert } = authority.leaf()
    secret.away = true
    clock += 5 * day
    await authority.check()
    expect(reports.at(-1)?.event).toBe('CheckFailed')
    expect(authority.leaf().cert).not.toBe(cert)
    expect(accepts(authority.trust(), authority)).toBe(true)
  })

  test('is written again from memory when somebody deletes the Secret', async () => {
    const authority = await started()
    const trust = authority.trust()
    secret.stored = undefined
    await authority.check()
    expect(authority.trust()).toBe(trust)
    expect((await started()).trust()).toBe(trust)
    expect(reports.at(-1)).toEqual({ event: 'SecretCreated', fromMemory: true })
  })

  test('is written again from memory when somebody garbles the Secret', async () => {
    const authority = await started()
    const trust = authority.trust()
    secret.stored = { resourceVersion: '7', data: { [dataKeys.material]: 'AAAA' } }
    await authority.check()
    expect(authority.trust()).toBe(trust)
    expect((await started()).trust()).toBe(trust)
    expect(reports.at(-1)).toEqual({ event: 'SecretReplaced' })
  })

  test('is left as it is when nobody knows what a garbled Secret held, and says what to do', async () => {
    const garbled = { resourceVersion: '7', data: {} }
    secret.stored = garbled
    await expect(started()).rejects.toThrow(
      /left as it is\. Restore it from a backup; or delete it/,
    )
    expect(secret.stored).toBe(garbled)
    expect(reports).toEqual([])
  })

  test('of a later version is never overwritten, not even by who knows an earlier one', async () => {
    const authority = await started()
    const { stored } = secret
    const material = JSON.stringify({ version: 2, more: 'keys' })
    const data = { [dataKeys.material]: Buffer.from(material).toString('base64') }
    const later = { resourceVersion: '7', data }
    secret.stored = later
    await authority.check()
    expect(secret.stored).toBe(later)
    expect(reports.at(-1)?.event).toBe('CheckFailed')
    await expect(started()).rejects.toThrow('written by a later version')
    // Who runs goes on with what it knows, and follows once that is back.
    expect(authority.seal('a pod')).toBeTruthy()
    secret.stored = stored
    await authority.check()
    expect(secret.stored).toBe(stored)
  })

  test("is another replica's if that one was faster to write", async () => {
    const first = await started()
    const { stored } = secret
    secret.stored = undefined
    secret.beforeWrite = () => {
      secret.stored = stored
    }
    const late = await started()
    expect(late.trust()).toBe(first.trust())
  })
})

describe('a leaf', () => {
  test('lasts seven days and is renewed at two thirds of them, with its listeners told', async () => {
    const authority = await started()
    let told = 0
    authority.onChange(() => (told += 1))
    const { cert } = authority.leaf()
    const { validToDate } = new X509Certificate(cert)
    expect(validToDate.getTime() - clock).toBe(7 * day)
    clock += 4.6 * day
    await authority.check()
    expect(authority.leaf().cert).toBe(cert)
    expect(told).toBe(0)
    clock += 0.1 * day
    await authority.check()
    expect(authority.leaf().cert).not.toBe(cert)
    expect(told).toBe(1)
  })
})

describe('rotation', () => {
  test('tells of the new authority first, then issues with it, then drops the old one', async () => {
    const authority = await started()
    const old = authority.trust()
    const { kid } = authority.signingKeys().current
    clock += 244 * day
    await authority.check()
    const both = authority.trust()
    expect(certificates(both)).toHaveLength(2)
    expect(accepts(old, authority)).toBe(true)
    expect(authority.signingKeys().current.kid).toBe(kid)

    clock += rotationTimes.graceMs - hour
    await authority.check()
    expect(accepts(old, authority)).toBe(true)

    clock += hour
    await authority.check()
    expect(accepts(old, authority)).toBe(false)
    expect(accepts(both, authority)).toBe(true)
    expect(certificates(authority.trust())).toHaveLength(2)
    expect(authority.signingKeys().accepted.has(kid)).toBe(true)
    expect(authority.signingKeys().current.kid).not.toBe(kid)

    clock += rotationTimes.leafMs
    await authority.check()
    expect(certificates(authority.trust())).toHaveLength(2)
    clock += rotationTimes.slackMs
    await authority.check()
    expect(certificates(authority.trust())).toHaveLength(1)
    expect(authority.signingKeys().accepted.has(kid)).toBe(false)
    expect(accepts(authority.trust(), authority)).toBe(true)
  })

  test('goes on at another replica where the first one stopped', async () => {
    const first = await started()
    clock += 244 * day
    await first.check()
    await first.stop()
    const second = await started()
    expect(certificates(second.trust())).toHaveLength(2)
    clock += rotationTimes.graceMs
    await second.check()
    expect(reports.at(-1)?.event).toBe('AuthorityMoved')
    expect(accepts(first.trust(), second)).toBe(true)
  })

  test('is the leader’s to do, and the others follow', async () => {
    const leader = await started()
    const other = await started({ isLeader: () => false })
    clock += 244 * day
    await other.check()
    expect(certificates(other.trust())).toHaveLength(1)
    await leader.check()
    await other.check()
    expect(other.trust()).toBe(leader.trust())
    expect(certificates(other.trust())).toHaveLength(2)
  })

  test('of two replicas that both think they lead adds one authority', async () => {
    const [a, b] = [await started(), await started()]
    clock += 244 * day
    await Promise.all([a.check(), b.check()])
    await Promise.all([a.check(), b.check()])
    expect(certificates(a.trust())).toHaveLength(2)
    expect(a.trust()).toBe(b.trust())
  })

  test('never changes the seal, which pods carry for months', async () => {
    const authority = await started()
    const seal = authority.seal('a pod')
    for (const step of [244 * day, rotationTimes.graceMs, 8 * day]) {
      clock += step
      await authority.check()
    }
    expect(authority.seal('a pod')).toBe(seal)
  })

  test('waits for nothing when the operator was away for longer than an authority lasts', async () => {
    await started()
    clock += 400 * day
    const late = await started()
    const { validToDate } = new X509Certificate(late.leaf().cert)
    expect(validToDate.getTime()).toBeGreaterThan(clock)
    expect(accepts(late.trust(), late)).toBe(true)
  })
})
