import { execFileSync } from 'node:child_process'
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { caBundlePatches, applyCaBundle } from '../../../operator/certs/ca-bundle.ts'
import { makeAuthority, makeLeaf, type Certified } from '../../../operator/certs/certificate.ts'
import {
  dataKeys,
  makeMaterial,
  readMaterial,
  writeMaterial,
} from '../../../operator/certs/material.ts'

const now = Date.now()
const day = 86_400_000
const week = { from: now, until: now + 7 * day }
const names = [
  'frostgate-broker.frostgate.svc',
  'frostgate-webhooks.frostgate.svc',
  '127.0.0.1',
] as const

let folder: string
let authority: Certified
let leaf: Certified

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frostgate-certs-'))
  authority = await makeAuthority('frostgate-ca-1', { from: now, until: now + 365 * day })
  leaf = await makeLeaf(authority, names, week)
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

describe('a leaf', () => {
  test("is signed by its authority, as node's own reader says", () => {
    const ca = new X509Certificate(authority.certificate)
    const certificate = new X509Certificate(leaf.certificate)
    expect(certificate.verify(ca.publicKey)).toBe(true)
    expect(certificate.checkIssued(ca)).toBe(true)
    expect(certificate.checkPrivateKey(leaf.key)).toBe(true)
    expect(certificate.ca).toBe(false)
    expect(ca.ca).toBe(true)
  })

  test('carries every DNS name and address that it serves, and no other', () => {
    const certificate = new X509Certificate(leaf.certificate)
    for (const name of names.slice(0, 2)) expect(certificate.checkHost(name)).toBe(name)
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(certificate.checkHost('elsewhere.frostgate.svc')).toBeUndefined()
  })

  test('is valid a moment ago, for nodes whose clocks are behind, and ends on time', () => {
    const { validFromDate, validToDate } = new X509Certificate(leaf.certificate)
    expect(now - validFromDate.getTime()).toBeGreaterThanOrEqual(5 * 60_000)
    expect(Math.abs(validToDate.getTime() - week.until)).toBeLessThan(1_000)
  })

  test('ends no later than its authority', async () => {
    const short = await makeAuthority('frostgate-ca-2', { from: now, until: now + day })
    const { validToDate } = new X509Certificate((await makeLeaf(short, names, week)).certificate)
    expect(validToDate.getTime()).toBeLessThanOrEqual(now + day)
  })

  test('is not accepted under another authority of the same name', async () => {
    const other = await makeAuthority('frostgate-ca-1', { from: now, until: now + day })
    const key = new X509Certificate(other.certificate).publicKey
    expect(new X509Certificate(leaf.certificate).verify(key)).toBe(false)
  })

  test('passes openssl verify, strictly, for a server; its authority may sign no other', async () => {
    const files = { ca: join(folder, 'ca.pem'), leaf: join(folder, 'leaf.pem') }
    await writeFile(files.ca, authority.certificate)
    await writeFile(files.leaf, leaf.certificate)
    const verify = (...more: string[]): string =>
      execFileSync('openssl', ['verify', '-x509_strict', ...more], { encoding: 'utf8' })
    const host = ['-purpose', 'sslserver', '-verify_hostname', names[0]]
    expect(verify('-CAfile', files.ca, ...host, files.leaf)).toContain('OK')
    const text = execFileSync('openssl', ['x509', '-in', files.ca, '-noout', '-text'], {
      encoding: 'utf8',
    })
    expect(text).toContain('CA:TRUE, pathlen:0')
    expect(text).toContain('ecdsa-with-SHA256')
  })
})

describe('the Secret', () => {
  test('gives back what was written into it', async () => {
    const material = await makeMaterial(now, day)
    const read = readMaterial(writeMaterial(material))
    expect(read?.sealKey.equals(material.sealKey)).toBe(true)
    expect(
      read?.generations.map(({ id, state, certificate }) => ({ id, state, certificate })),
    ).toEqual(
      material.generations.map(({ id, state, certificate }) => ({ id, state, certificate })),
    )
  })

  test('shows the trusted certificates, and nothing private, under ca.crt', async () => {
    const data = writeMaterial(await makeMaterial(now, day))
    const shown = Buffer.from(data[dataKeys.trust] ?? '', 'base64').toString()
    expect(() => new X509Certificate(shown)).not.toThrow()
    expect(shown).not.toContain('PRIVATE')
  })

  test('with half of it missing or foreign is no material at all', async () => {
    const data = writeMaterial(await makeMaterial(now, day))
    const text = Buffer.from(data[dataKeys.material] ?? '', 'base64').toString()
    const other = await makeAuthority('other', { from: now, until: now + day })
    const value = JSON.parse(text) as { generations: Record<string, unknown>[] }
    const [generation = {}] = value.generations
    const garbled = [
      '',
      'null',
      text.slice(0, -20),
      text.replace(/"sealKey":"[^"]{8}/, '"sealKey":"'),
      text.replace('"state":"issuing"', '"state":"trusted"'),
      JSON.stringify({
        ...value,
        generations: [{ ...generation, certificate: other.certificate }],
      }),
      JSON.stringify({ ...value, generations: [generation, generation] }),
    ]
    for (const each of garbled) {
      const encoded = Buffer.from(each).toString('base64')
      expect(
        readMaterial({ ...data, [dataKeys.material]: encoded }),
        each.slice(0, 40),
      ).toBeUndefined()
    }
    expect(readMaterial({})).toBeUndefined()
  })

  test('keeps keys that can be used', async () => {
    const { generations } = await makeMaterial(now, day)
    expect(() =>
      createPrivateKey(generations[0]?.key.export({ type: 'pkcs8', format: 'pem' }) ?? ''),
    ).not.toThrow()
  })
})

describe('caBundle', () => {
  const configurations = [
    { kind: 'MutatingWebhookConfiguration', name: 'frostgate', webhooks: ['inject.frostgate.dev'] },
    {
      kind: 'ValidatingWebhookConfiguration',
      name: 'frostgate',
      webhooks: ['verify.frostgate.dev', 'validate.frostgate.dev'],
    },
  ] as const

  test('patches hold the one field, by name of the webhook, and nothing that is the chart’s', () => {
    expect(caBundlePatches(configurations, 'PEM')).toEqual([
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: 'frostgate' },
        webhooks: [{ name: 'inject.frostgate.dev', clientConfig: { caBundle: 'UEVN' } }],
      },
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'frostgate' },
        webhooks: [
          { name: 'verify.frostgate.dev', clientConfig: { caBundle: 'UEVN' } },
          { name: 'validate.frostgate.dev', clientConfig: { caBundle: 'UEVN' } },
        ],
      },
    ])
  })

  test('that cannot be set in one place is set in the others, and the failure is told', async () => {
    const applied: string[] = []
    const applying = applyCaBundle(configurations, 'PEM', ({ kind }) => {
      applied.push(kind)
      return kind.startsWith('Mutating') ? Promise.reject(new Error('no')) : Promise.resolve()
    })
    await expect(applying).rejects.toThrow(AggregateError)
    expect(applied).toHaveLength(2)
  })
})
