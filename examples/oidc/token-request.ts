/** What a token is asked for with: in process, or as the body of POST /token. */

export interface MintRequest {
  readonly subject: string
  readonly groups?: readonly string[]
  /** Default `frostgate`. */
  readonly audience?: string | readonly string[]
  /** Seconds; negative for one that has expired. Default 3600. */
  readonly expiresIn?: number
  /** More claims. They win over the ones above, so that wrong tokens can be made for tests. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** A request that cannot be read, with the reason for its sender. */
export class TokenRequestError extends Error {}

const known: ReadonlySet<string> = new Set([
  'grant_type',
  'subject',
  'group',
  'groups',
  'audience',
  'expires_in',
  'claims',
])

/** Reads a JSON or form body. Throws TokenRequestError. */
export function readTokenRequest(contentType: string | undefined, body: string): MintRequest {
  const fields = contentType?.startsWith('application/json') ? fromJson(body) : fromForm(body)
  for (const name of Object.keys(fields)) {
    if (!known.has(name))
      throw new TokenRequestError(`"${name}" is not a field of a token request.`)
  }
  const { subject, audience = 'frostgate', claims = {} } = fields
  if (typeof subject !== 'string' || subject === '') {
    throw new TokenRequestError('A token request needs a subject.')
  }
  if (!isTexts(audience)) throw new TokenRequestError('audience is a text or a list of texts.')
  if (!isRecord(claims)) throw new TokenRequestError('claims is an object.')
  const groups: unknown = [fields['group'] ?? [], fields['groups'] ?? []].flat()
  if (!isTexts(groups)) throw new TokenRequestError('groups is a list of texts.')
  const expiresIn = Number(fields['expires_in'] ?? 3600)
  if (!Number.isSafeInteger(expiresIn)) {
    throw new TokenRequestError('expires_in is a whole number of seconds.')
  }
  return { subject, groups: [groups].flat(), audience, expiresIn, claims }
}

function fromJson(body: string): Readonly<Record<string, unknown>> {
  const value = parse(body)
  if (!isRecord(value)) throw new TokenRequestError('The body is not a JSON object.')
  return value
}

function fromForm(body: string): Readonly<Record<string, unknown>> {
  const form = new URLSearchParams(body)
  const names = [...new Set(form.keys())]
  const fields = Object.fromEntries(
    names.map((name) => {
      const values = form.getAll(name)
      return [name, values.length === 1 ? values[0] : values]
    }),
  )
  const { claims, ...others } = fields
  return claims === undefined ? fields : { ...others, claims: parse(String(claims)) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isTexts(value: unknown): value is string | readonly string[] {
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value]
  return texts.every((text) => typeof text === 'string')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
