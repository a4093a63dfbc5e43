/** X.509 certificates, written: an authority that signs itself, and leaves that it signs. */

import './reflect.ts'

import { createPublicKey, generateKeyPairSync, webcrypto, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'

import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** Clocks of nodes differ: what was just made must not look as if it were of the future. */
const backdateMs = 5 * 60_000

export interface Validity {
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly until: number
}

/** A key and its certificate. */
export interface Certified {
  readonly key: KeyObject
  /** PEM, with a newline at its end. */
  readonly certificate: string
}

/** An authority that may sign leaves and no further authority. `name` becomes its common name. */
export async function makeAuthority(name: string, validity: Validity): Promise<Certified> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keys = await cryptoKeys(privateKey, publicKey)
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    // Two authorities of one name would make a verifier try the wrong key first.
    name: [{ CN: [name] }, { O: ['Frostgate'] }],
    ...dates(validity),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { key: privateKey, certificate: pem(certificate) }
}

/** A server's certificate for DNS names and IP addresses; it ends no later than its authority. */
export async function makeLeaf(
  authority: Certified,
  names: readonly [string, ...(readonly string[])],
  validity: Validity,
): Promise<Certified> {
  const issuer = new X509Certificate(authority.certificate)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keys = await cryptoKeys(privateKey, publicKey)
  const until = Math.min(validity.until, issuer.notAfter.getTime())
  const issuerKey = await cryptoKeys(authority.key, createPublicKey(authority.key))
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [commonName(names)] }, { O: ['Frostgate'] }],
    issuer: issuer.subjectName.toJSON(),
    ...dates({ from: validity.from, until }),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: issuerKey.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
      ),
      await AuthorityKeyIdentifierExtension.create(issuerKey.publicKey),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { key: privateKey, certificate: pem(certificate) }
}

/** X.520 allows 64 characters; clients look at the alternative names only. */
function commonName([first]: readonly [string, ...(readonly string[])]): string {
  return first.length <= 64 ? first : 'frostgate'
}

/** Unpredictable, positive, 16 bytes (RFC 5280 allows 20; baseline requirements ask for 8 random). */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(Buffer.alloc(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

function dates({ from, until }: Validity): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(from - backdateMs), notAfter: new Date(until) }
}

async function cryptoKeys(
  privateKey: KeyObject,
  publicKey: KeyObject,
): Promise<webcrypto.CryptoKeyPair> {
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
  }
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem').trim()}\n`
}
