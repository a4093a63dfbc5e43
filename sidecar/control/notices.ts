/** The broker's stream: from bytes to notices. What cannot be understood ends it. */

import { isObject } from '../json.ts'
import { notUnderstood } from './broker-error.ts'
import { certificatesIn } from './pem.ts'
import type { Notice } from './protocol.ts'
import { list, object, oneOf, ShapeError, text, words, type Reader } from './shape.ts'

/** Far above any list of CA certificates. */
export const maxLineBytes = 256 * 1_024

export const digest: Reader<string> = (value, field) => {
  const given = text(value, field)
  if (/^sha256:[0-9a-f]{64}$/.test(given)) return given
  throw new ShapeError(field, 'sha256: and 64 hexadecimal digits')
}

/** One or more certificates, PEM. Trusting none would mean never to reach the operator again. */
export const certificates: Reader<string> = (value, field) => {
  const pem = text(value, field)
  try {
    if (certificatesIn(pem).length > 0) return pem
  } catch {
    // Said below.
  }
  throw new ShapeError(field, 'one or more certificates in PEM')
}

export const standingFields = {
  name: text,
  digest: text,
  phase: oneOf('Pending', 'Approved', 'Denied', 'Expired', 'Used', 'Withdrawn', 'Void'),
  by: list(text),
  // Who approves may say nothing.
  note: words,
}

export const standing = object(standingFields)

const readers: { readonly [T in Notice['type']]: Reader<Extract<Notice, { type: T }>> } = {
  bundle: object({ type: oneOf('bundle'), digest }),
  closed: object({ type: oneOf('closed'), reason: text }),
  revoked: object({ type: oneOf('revoked'), reason: text }),
  approval: object({ type: oneOf('approval'), standing }),
  trust: object({ type: oneOf('trust'), pem: certificates }),
  ping: object({ type: oneOf('ping') }),
  goodbye: object({ type: oneOf('goodbye') }),
}

/** One line as a notice. Errors: BrokerError for what is none of this version. */
export function readNotice(line: string): Notice {
  try {
    const value: unknown = JSON.parse(line)
    const type = isObject(value) ? value['type'] : undefined
    if (typeof type !== 'string' || !Object.hasOwn(readers, type)) {
      throw new ShapeError('type', `one of ${Object.keys(readers).join(', ')}`)
    }
    return readers[type as Notice['type']](value, 'notice')
  } catch (error) {
    // JSON.parse's message quotes what it was given.
    throw notUnderstood('notice', error instanceof ShapeError ? error : undefined)
  }
}

/** The lines of `pieces`, without their ends. Errors: BrokerError for a line above the cap. */
export async function* linesOf(
  pieces: AsyncIterable<Buffer>,
  maxBytes: number = maxLineBytes,
): AsyncGenerator<string> {
  let rest: Buffer[] = []
  let size = 0
  for await (const piece of pieces) {
    let from = 0
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, from)) {
      if (size + end - from > maxBytes) throw tooLong(maxBytes)
      rest.push(piece.subarray(from, end))
      from = end + 1
      yield Buffer.concat(rest).toString('utf8')
      rest = []
      size = 0
    }
    const left = piece.subarray(from)
    size += left.length
    if (size > maxBytes) throw tooLong(maxBytes)
    if (left.length > 0) rest.push(left)
  }
  if (size > 0) throw notUnderstood('last line, which has no end,')
}

function tooLong(maxBytes: number): Error {
  return notUnderstood(`line of more than ${maxBytes} bytes`)
}
