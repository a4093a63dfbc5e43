import 'reflect-metadata'

import { webcrypto } from 'node:crypto'

import { X509CertificateGenerator } from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** A self-signed certificate, PEM, that ends at `notAfter` (ISO 8601). */
export async function certificate(notAfter: string): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const made = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=test',
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date(notAfter),
    keys,
    signingAlgorithm: algorithm,
  })
  return made.toString('pem')
}
