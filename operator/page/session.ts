/**
 * Who is logged in, in a cookie: any replica can serve the next request. Groups of large providers do
 * not fit one cookie, so that it is cut into several.
 */

import { randomBytes } from 'node:crypto'

import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'

import type { Person } from '../approvals/types.ts'
import { isObject } from '../../sidecar/json.ts'
import { Expiring } from './expiring.ts'
import type { PageKeys } from './keys.ts'
import { cookieOptions, seal, unseal } from './sealed.ts'

export interface Session {
  readonly id: string
  readonly person: Person & { readonly issuer: string; readonly subject: string }
  /** What the provider calls the person, for people to read; nothing is decided by it. */
  readonly displayName: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

const cookie = '__Host-frostgate'
const piece = 3_800
/** About 200 groups of 40 characters. */
const mostPieces = 4

const pieceName = (index: number): string => (index === 0 ? cookie : `${cookie}-${index}`)

export class Sessions {
  readonly #keys: PageKeys
  readonly #now: () => number
  readonly #signedOut = new Expiring()

  constructor(keys: PageKeys, now: () => number) {
    this.#keys = keys
    this.#now = now
  }

  /** False if the person has more groups than cookies can hold. */
  async start(c: Context, session: Omit<Session, 'id'>): Promise<boolean> {
    const { person, displayName, until } = session
    const now = this.#now()
    const content = { jti: randomBytes(16).toString('base64url'), person, name: displayName }
    const text = await seal(this.#keys, 'session', content, { now, until })
    if (text.length > piece * mostPieces) return false
    const maxAge = Math.max(1, Math.floor((until - now) / 1000))
    for (let index = 0; index < mostPieces; index += 1) {
      const part = text.slice(index * piece, (index + 1) * piece)
      if (part === '') this.#drop(c, index)
      else setCookie(c, pieceName(index), part, { ...cookieOptions, maxAge })
    }
    return true
  }

  async of(c: Context): Promise<Session | undefined> {
    const cookies = getCookie(c)
    let text = ''
    for (let index = 0; index < mostPieces; index += 1) {
      const part = cookies[pieceName(index)]
      if (part === undefined || part === '') break
      text += part
    }
    if (text === '') return undefined
    const now = this.#now()
    const content = await unseal(this.#keys, 'session', text, now)
    // It was authenticated: the form is what `start` wrote, by this version or an earlier one.
    if (content === undefined || typeof content.jti !== 'string') return undefined
    const { person, name } = content
    if (!isPerson(person) || typeof name !== 'string') return undefined
    if (this.#signedOut.has(content.jti, now)) return undefined
    return { id: content.jti, person, displayName: name, until: (content.exp ?? 0) * 1000 }
  }

  /** A copy of the cookie is of no use either, at this replica. */
  end(c: Context, session: Session | undefined): void {
    if (session !== undefined) this.#signedOut.add(session.id, session.until, this.#now())
    for (let index = 0; index < mostPieces; index += 1) this.#drop(c, index)
  }

  isOver(session: Session): boolean {
    const now = this.#now()
    return session.until <= now || this.#signedOut.has(session.id, now)
  }

  #drop(c: Context, index: number): void {
    if (getCookie(c, pieceName(index)) !== undefined)
      deleteCookie(c, pieceName(index), cookieOptions)
  }
}

function isPerson(value: unknown): value is Session['person'] {
  if (!isObject(value)) return false
  const { username, groups, issuer, subject, aliases } = value
  const isText = (text: unknown) => typeof text === 'string'
  const areTexts = (texts: unknown) => Array.isArray(texts) && texts.every(isText)
  return [username, issuer, subject].every(isText) && [groups, aliases].every(areTexts)
}
