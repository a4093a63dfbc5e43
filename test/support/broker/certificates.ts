/** Certificate authorities made on the spot. */

import 'reflect-metadata'

import * as x509 from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const hour = 3_600_000

export interface TestAuthority {
  /** The CA's own certificate, PEM. */
  readonly pem: string
  /** A server's key and certificate, PEM. */
  issue(host: string): Promise<{ readonly key: string; readonly cert: string }>
}

export async function testAuthority(name: string): Promise<TestAuthority> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const span = { notBefore: new Date(Date.now() - hour), notAfter: new Date(Date.now() + hour) }
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...span,
    keys,
    name: `CN=${name}`,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  })
  return {
    pem: ca.toString('pem'),
    issue: async (host) => {
      const own = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      const cert = await x509.X509CertificateGenerator.create({
        ...span,
        subject: `CN=${host}`,
        issuer: ca.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }])],
      })
      const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', own.privateKey))
      return {
        key: `-----BEGIN PRIVATE KEY-----\n${key.toString('base64')}\n-----END PRIVATE KEY-----\n`,
        cert: cert.toString('pem'),
      }
    },
  }
}
