/** The certificates that alone may sign the account's, from the Secret that a connection names. */

import { X509Certificate } from 'node:crypto'
import type { SnowflakeConnection } from '../../crds/types.ts'
import { secretValue } from '../store/key-pair.ts'
import type { Secret } from '../store/objects.ts'
import { namespaceOf } from '../store/objects.ts'
import type { Report } from './report.ts'

/** The Secrets of one namespace. */
export type SecretsByName = ReadonlyMap<string, Secret>

const field = 'ca.crt'
const path = ['spec', 'tls', 'caSecretRef', 'name']
const block = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g

/** PEM, certificates only; empty if a problem was reported. No problem shows the Secret's values. */
export function compileTrust(
  object: SnowflakeConnection,
  { caSecretRef: { name } }: NonNullable<SnowflakeConnection['spec']['tls']>,
  secrets: SecretsByName,
  report: Report,
): string {
  const refuse = (message: string, advice: string) => {
    report(path, message, advice)
    return ''
  }
  const secret = secrets.get(name)
  if (secret === undefined) {
    return refuse(
      `there is no Secret "${name}" in namespace "${namespaceOf(object)}"`,
      `Add it, with the certificates in PEM under "${field}".`,
    )
  }
  const text = secretValue(secret, field)
  if (text === undefined) {
    return refuse(`the Secret "${name}" has no "${field}"`, 'Add it, with the certificates in PEM.')
  }
  const blocks = Array.from(text.matchAll(block), ([pem, label]) => ({ pem, label }))
  if (blocks.some(({ label }) => label !== 'CERTIFICATE')) {
    return refuse(
      `"${field}" of the Secret "${name}" holds something else than certificates`,
      'Leave only the BEGIN CERTIFICATE blocks: what is private does not belong there.',
    )
  }
  const certificates = blocks.map(({ pem }) => readCertificate(pem))
  const wrong = certificates.indexOf(undefined)
  if (blocks.length === 0 || wrong >= 0) {
    return refuse(
      blocks.length === 0
        ? `"${field}" of the Secret "${name}" holds no certificate`
        : `certificate ${wrong + 1} in "${field}" of the Secret "${name}" cannot be read`,
      'Write certificates in PEM, as openssl x509 prints them.',
    )
  }
  return certificates.join('')
}

/** The certificate as OpenSSL writes it, without what stood around it. */
function readCertificate(pem: string): string | undefined {
  try {
    return new X509Certificate(pem).toString()
  } catch {
    return undefined
  }
}
