/** The gateway's credentials in what Snowflake answers: error texts have quoted them before. */

import { isObject, textOf } from '../json.ts'

interface Carrying {
  readonly token?: string
  readonly body?: unknown
}

/** The tokens that a request carries. */
export function secretsOf({ token, body }: Carrying): readonly string[] {
  const fields = isObject(body) ? body : {}
  const login = isObject(fields['data']) ? fields['data'] : {}
  const carried = [token, textOf(fields['oldSessionToken']), textOf(login['TOKEN'])]
  return carried.flatMap((secret) =>
    secret === undefined || secret.length < shortest ? [] : secret,
  )
}

/** Shorter ones are no tokens, and could be part of any text. */
const shortest = 16

/** `value` is `text` parsed; each of the secrets is an ellipsis in it. */
export function withoutSecrets(value: unknown, text: string, secrets: readonly string[]): unknown {
  // Answers of many megabytes are not walked for nothing.
  const seen = secrets.filter((secret) => text.includes(beginningOf(secret)))
  return seen.length === 0 ? value : replaced(value, seen)
}

/** The part of it that JSON writes in one way only: a slash may come escaped. */
function beginningOf(secret: string): string {
  return /[\w.:=+-]{8,16}/.exec(secret)?.[0] ?? ''
}

function replaced(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string')
    return secrets.reduce((text, secret) => text.replaceAll(secret, '…'), value)
  if (Array.isArray(value)) return value.map((item) => replaced(item, secrets))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      String(replaced(name, secrets)),
      replaced(item, secrets),
    ]),
  )
}
