import { X509Certificate } from 'node:crypto'

/** The certificates of a PEM text, whatever stands between them. Throws if one cannot be read. */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block))
}
