/** Reads the HTTP/1.1 messages in the bytes of one direction of a connection (RFC 9112). */

import { gunzipSync } from 'node:zlib'

export interface HttpMessage {
  /** `POST /session HTTP/1.1`, `HTTP/1.1 200 OK` */
  readonly start: string
  readonly headers: ReadonlyMap<string, string>
  /** Unchunked and unzipped. */
  readonly body: Buffer
}

/** Complete messages only; throws on bytes that are no HTTP. */
export function httpMessages(bytes: Buffer): readonly HttpMessage[] {
  const messages: HttpMessage[] = []
  let at = 0
  while (at < bytes.length) {
    const headEnd = bytes.indexOf('\r\n\r\n', at)
    if (headEnd < 0) break
    const [start = '', ...lines] = bytes.toString('latin1', at, headEnd).split('\r\n')
    if (!/^(?:[A-Z]+ \S+ HTTP\/1\.1$|HTTP\/1\.1 \d{3})/.test(start))
      throw new Error(`no HTTP message begins with ${JSON.stringify(start.slice(0, 80))}`)
    const headers = new Map(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
      }),
    )
    const body = /chunked/i.test(headers.get('transfer-encoding') ?? '')
      ? chunked(bytes, headEnd + 4)
      : sized(bytes, headEnd + 4, Number(headers.get('content-length') ?? 0))
    if (!body) break
    messages.push({ start, headers, body: unzipped(body.bytes) })
    at = body.end
  }
  return messages
}

interface Body {
  readonly bytes: Buffer
  /** Offset of the byte after it. */
  readonly end: number
}

function sized(bytes: Buffer, start: number, length: number): Body | undefined {
  const end = start + length
  return end <= bytes.length ? { bytes: bytes.subarray(start, end), end } : undefined
}

function chunked(bytes: Buffer, start: number): Body | undefined {
  const parts: Buffer[] = []
  let at = start
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const from = lineEnd + 2
    if (Number.isNaN(size) || from + size + 2 > bytes.length) return undefined
    if (size === 0) return { bytes: Buffer.concat(parts), end: from + 2 }
    parts.push(bytes.subarray(from, from + size))
    at = from + size + 2
  }
}

/** By magic bytes: drivers compress without always saying so. */
function unzipped(body: Buffer): Buffer {
  return body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body
}
