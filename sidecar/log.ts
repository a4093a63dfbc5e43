/**
 * The one way to a log. Logs are read by more people than recordings and shipped to more places, so
 * nothing secret is in a line whatever a caller hands over: errors are taken apart by an allow-list,
 * and what looks like a credential is cut out of the finished line.
 */

import pino, { type DestinationStream, type Logger } from 'pino'

/** Debug, info, … as pino names them. One JSON object a line, on stderr unless told otherwise. */
export function frostgateLog(
  level: string,
  destination: DestinationStream = pino.destination(2),
): Logger {
  return pino(
    { level, base: null, serializers: { err: errorFields } },
    {
      write: (line) => {
        destination.write(withoutSecrets(line))
      },
    },
  )
}

const fieldNames =
  'password|passcode|token|secret|masterToken|sessionToken|qrmk|privateKey|authorization'

/** Bounded throughout: a line may be made by whoever reaches the port. In JSON a quote may have a backslash before it. */
const secrets: readonly (readonly [what: RegExp, instead: string])[] = [
  [/fg-(session|master|chunk)-[\w-]+/g, 'fg-$1-…'],
  // A JWT: header and claims are base64url of JSON objects.
  [/(?<![\w-])eyJ[\w-]{4,4096}\.[\w-]{0,8192}(?:\.[\w-]{0,8192}){0,4}/g, 'jwt…'],
  [/(Token=\\?")[^"\\]+/gi, '$1…'],
  [/\b(Bearer|Basic|DPoP)\s+[\w.~+/=-]{4,}/gi, '$1 …'],
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|"|$)/gs, 'private key…'],
  // Addresses of a result store are capabilities: S3, Azure and GCS sign in the query string.
  [/([?&](?:X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)|Signature|sig|se|sv|AWSAccessKeyId)=)[^&"\s\\]+/gi, '$1…'],
  [new RegExp(`("(?:${fieldNames})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'gi'), '$1"…"'],
  // JSON inside a text of JSON.
  [new RegExp(`((?<!\\\\)\\\\{1,8}"(?:${fieldNames})\\\\{1,8}"\\s{0,8}:\\s{0,8}\\\\{1,8}")(?:(?!\\\\{1,8}").){0,10000}`, 'gi'), '$1…'],
] // prettier-ignore

/** A line of JSON, or any text, without what looks like a credential. */
export function withoutSecrets(line: string): string {
  let clean = line
  for (const [what, instead] of secrets) clean = clean.replace(what, instead)
  return clean
}

interface ErrorFields {
  readonly type: string
  readonly message: string
  /** A system's or a library's, such as ECONNREFUSED. */
  readonly code?: string
  /** Entry of the catalogue. */
  readonly entry?: string
  readonly stack?: readonly string[]
  readonly cause?: ErrorFields | string
}

/** A chain of causes is told so far. */
const depthLimit = 5

/** Not pino's own: that one copies every property, and undici's parser error carries raw bytes. */
export function errorFields(error: unknown, depth = 0): ErrorFields | string {
  if (!(error instanceof Error)) return typeof error
  const { code, entry, cause } = error as { code?: unknown; entry?: unknown; cause?: unknown }
  return {
    type: error.constructor.name,
    message: messageOf(error),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof entry === 'string' ? { entry } : {}),
    ...(error.stack === undefined ? {} : { stack: frames(error.stack) }),
    ...(cause === undefined || depth >= depthLimit ? {} : { cause: errorFields(cause, depth + 1) }),
  }
}

/** V8 quotes what it could not parse, and that may be a row. */
function messageOf(error: Error): string {
  return error instanceof SyntaxError
    ? 'withheld: it may quote what was read'
    : error.message.slice(0, 1_000)
}

/** Without the message, which stands above the frames and may have several lines. */
function frames(stack: string): readonly string[] {
  return stack.split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 10).map((line) => line.trim()) // prettier-ignore
}
