/** A bundle as bytes, plain and compressed, made once for all sidecars of a connection. */

import { gzip } from 'node:zlib'
import { promisify } from 'node:util'

import type { Bundle } from '../../sidecar/control/bundle.ts'
import type { Reply } from './reply.ts'

const compress = promisify(gzip)

interface Encoded {
  readonly plain: Buffer
  zipped?: Promise<Buffer>
}

/** Bundles never change, and are forgotten with the object. */
const encodings = new WeakMap<Bundle, Encoded>()

export async function bundleAnswer(
  bundle: Bundle,
  headers: {
    readonly ifNoneMatch: string | undefined
    readonly acceptEncoding: string | undefined
  },
): Promise<Reply> {
  const etag = `"${bundle.digest}"`
  const common = { etag, vary: 'accept-encoding' }
  if (names(headers.ifNoneMatch).includes(etag)) return { status: 304, headers: common }
  const encoded = encodings.get(bundle) ?? { plain: Buffer.from(JSON.stringify(bundle)) }
  encodings.set(bundle, encoded)
  const type = { ...common, 'content-type': 'application/json' }
  const zips = names(headers.acceptEncoding).some((name) => /^gzip(;q=(1|0\.[1-9]))?/.test(name))
  if (!zips) return { status: 200, headers: type, body: encoded.plain }
  encoded.zipped ??= compress(encoded.plain)
  return {
    status: 200,
    headers: { ...type, 'content-encoding': 'gzip' },
    body: await encoded.zipped,
  }
}

function names(header: string | undefined): readonly string[] {
  return header?.split(',').map((name) => name.trim().replace(/^W\//, '')) ?? []
}
