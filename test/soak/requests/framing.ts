/** A request's bytes on the wire; a share of them says of its length what is not so. */

import type { Random } from '../../fuzz/random.ts'

export interface Unframed {
  readonly method: string
  readonly path: string
  readonly headers: readonly string[]
  readonly body: Buffer
}

export interface Framed {
  readonly bytes: Buffer
  /** More is announced than comes: the connection ends instead, and nobody is there to answer. */
  readonly partial: boolean
}

type Framing = (request: Unframed) => Buffer

const write = ({ method, path, headers }: Unframed, more: readonly string[], body: Buffer, version = 'HTTP/1.1'): Buffer =>
  Buffer.concat([
    Buffer.from(`${method} ${path} ${version}\r\n${[...headers, ...more].join('\r\n')}\r\n\r\n`, 'latin1'),
    body,
  ]) // prettier-ignore

const chunks = (body: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`${body.length.toString(16)}\r\n`),
    body,
    Buffer.from('\r\n0\r\n\r\n'),
  ])

const length = (body: Buffer, more = 0): string => `Content-Length: ${body.length + more}`
const close = 'Connection: close'

const usual: Framing = (request) => write(request, [length(request.body), close], request.body)

/** A second request hides behind the first, for whoever reads lengths in another way. */
const hidden = (headers: readonly string[]): Buffer =>
  write({ method: 'POST', path: '/session/heartbeat', headers, body: Buffer.alloc(0) }, [close, 'Content-Length: 2'], Buffer.from('{}')) // prettier-ignore

const unusual: readonly Framing[] = [
  (request) => write(request, ['Transfer-Encoding: chunked', close], chunks(request.body)),
  (request) => write(request, [length(request.body), 'Transfer-Encoding: chunked', close], chunks(request.body)),
  (request) => write(request, [length(request.body), length(request.body, 1), close], request.body),
  (request) => write(request, ['Content-Length: -1', close], request.body),
  (request) => write(request, ['Content-Length: abc', close], request.body),
  (request) => write(request, ['Content-Length: +5', close], request.body),
  (request) => write(request, ['Content-Length: 99999999999999999999', close], request.body),
  (request) => write(request, ['Content-Length: 200000000', close], request.body),
  (request) => write(request, [length(request.body)], Buffer.concat([request.body, hidden(request.headers)])),
  (request) => write(request, ['Content-Length: 0'], Buffer.concat([request.body, hidden(request.headers)])),
  (request) => write(request, ['Transfer-Encoding: chunked, identity', close], chunks(request.body)),
  (request) => write(request, ['Transfer-Encoding: xchunked', close], chunks(request.body)),
  (request) => write(request, ['Transfer-Encoding: chunked', close], Buffer.from('zz\r\n')),
  (request) => write(request, [close], request.body),
  (request) => write(request, [length(request.body)], request.body, 'HTTP/1.0'),
  (request) => write(request, [length(request.body), close], request.body, 'HTTP/9.9'),
  (request) => write(request, [length(request.body), close], request.body, ''),
  (request) => Buffer.from(usual(request).toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
  (request) => usual({ ...request, headers: request.headers.slice(1) }),
  () => Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
] // prettier-ignore

const cutOff: readonly Framing[] = [
  (request) => write(request, [length(request.body, 100), close], request.body),
  (request) => write(request, ['Transfer-Encoding: chunked', close], Buffer.from('5;a="\n"\r\n{"a":\r\n0\r\nX: y\r\n\r\n')),
  (request) => write(request, ['Transfer-Encoding: chunked', close], chunks(request.body).subarray(0, -4)),
  () => Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]),
  (request) => usual(request).subarray(0, 20),
] // prettier-ignore

/** One in six is unusual. */
export function framed(choices: Random, request: Unframed): Framed {
  const roll = choices.below(36)
  if (roll > 5) return { bytes: usual(request), partial: false }
  const partial = roll === 0
  return { bytes: choices.pick(partial ? cutOff : unusual)(request), partial }
}
