/** Logging in and out: /login, /login/callback, /logout. */

import { createHash, randomUUID } from 'node:crypto'

import { Hono, type Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'

import type { PageContext } from './context.ts'
import { Expiring } from './expiring.ts'
import { readForm } from './form.ts'
import { isOurs } from './guards.ts'
import { displayNameOf, LoginRefused, personOf } from './person.ts'
import { faultOf, type Attempt } from './provider.ts'
import { cookieOptions, seal, unseal } from './sealed.ts'
import { message, signedOut } from './views/message.ts'

/** Time to give a name and a password, and to find the second factor. */
const attemptMs = 10 * 60_000
const mostAttempts = 5
const attemptCookie = '__Host-frostgate-login-'

export function loginRoutes(page: PageContext): Hono {
  const app = new Hono()
  const spent = new Expiring()
  app.get('/login', (c) => begin(c, page))
  app.get('/login/callback', (c) => comeBack(c, page, spent))
  app.post('/logout', (c) => logOut(c, page))
  app.get('/signed-out', (c) => c.html(signedOut(undefined)))
  return app
}

/** Only pages of our own: a link must not lead elsewhere by way of a login. */
export function safePath(path: string | undefined): string {
  return path !== undefined && /^\/requests\/[a-z0-9.-]{1,253}\/[a-z0-9.-]{1,253}$/.test(path)
    ? path
    : '/'
}

async function begin(c: Context, page: PageContext): Promise<Response> {
  const { provider, keys, now, log } = page
  let started
  try {
    started = await provider.begin()
  } catch (error) {
    log.error(
      { ...faultOf(error), issuer: page.settings.issuer },
      'the OIDC provider did not answer',
    )
    return message(c, 503, 'Nobody can log in right now', [
      `The identity provider at ${page.settings.issuer} does not answer as it should. Try again in a minute.`,
      'If it goes on, whoever runs Frostgate finds the cause in the operator’s log.',
    ])
  }
  const { url, attempt } = started
  forgetOldAttempts(c)
  const content = { ...attempt, to: safePath(c.req.query('to')) }
  const until = now() + attemptMs
  setCookie(c, cookieOf(attempt.state), await seal(keys, 'login', content, { now: now(), until }), {
    ...cookieOptions,
    maxAge: attemptMs / 1000,
  })
  return c.redirect(url.href, 303)
}

/** One for each attempt: two tabs do not take each other's. */
function cookieOf(state: string): `__Host-${string}` {
  return `${attemptCookie}${createHash('sha256').update(state).digest('hex').slice(0, 16)}`
}

function forgetOldAttempts(c: Context): void {
  const attempts = Object.keys(getCookie(c)).filter((name) => name.startsWith(attemptCookie))
  if (attempts.length < mostAttempts) return
  for (const name of attempts) deleteCookie(c, name, cookieOptions)
}

async function comeBack(c: Context, page: PageContext, spent: Expiring): Promise<Response> {
  const { now, settings, sessions, log } = page
  const query = new URL(c.req.url).search.slice(1)
  const state = c.req.query('state') ?? ''
  const name = cookieOf(state)
  const attempt = await attemptOf(page, getCookie(c, name))
  if (attempt?.state !== state || spent.has(state, now()))
    return refused(c, 'This login was not begun in this browser, is over, or took too long.')
  spent.add(state, now() + attemptMs, now())
  deleteCookie(c, name, cookieOptions)
  try {
    const { claims, until } = await page.provider.redeem(query, attempt)
    const person = personOf(claims, settings)
    const end = now() + settings.sessionMs
    const isHeld = await sessions.start(c, {
      person,
      displayName: displayNameOf(claims, person.username),
      until: settings.endWithIdToken ? Math.min(end, until) : end,
    })
    if (!isHeld)
      throw new LoginRefused(
        'Your token names more groups than fit in cookies. Ask whoever runs the provider to send only those that this application needs.',
      )
    log.info(
      { username: person.username, groups: person.groups.length, address: page.addressOf(c) },
      'a person logged in to the approvals page',
    )
    return c.redirect(attempt.to, 303)
  } catch (error) {
    if (error instanceof LoginRefused) return refused(c, error.message)
    const incident = randomUUID()
    log.warn({ ...faultOf(error), incident, address: page.addressOf(c) }, 'a login failed')
    return refused(
      c,
      `The identity provider did not confirm who you are. Incident ${incident}, in the operator’s log.`,
    )
  }
}

async function attemptOf(
  { keys, now }: PageContext,
  cookie: string | undefined,
): Promise<(Attempt & { to: string }) | undefined> {
  if (cookie === undefined) return undefined
  const content = await unseal(keys, 'login', cookie, now())
  if (content === undefined) return undefined
  const { state, nonce, verifier, to } = content
  const isWhole = [state, nonce, verifier, to].every((text) => typeof text === 'string')
  return isWhole ? ({ state, nonce, verifier, to } as Attempt & { to: string }) : undefined
}

function refused(c: Context, why: string): Promise<Response> {
  return message(c, 403, 'You are not logged in', [why], { href: '/', text: 'Try again' })
}

async function logOut(c: Context, page: PageContext): Promise<Response> {
  const { sessions, keys, provider, settings, log } = page
  const session = await sessions.of(c)
  if (session === undefined) return c.html(signedOut(undefined))
  const form = readForm(await c.req.text(), ['token'])
  if (!isOurs(c, settings.url) || !keys.isFormToken(form?.['token'] ?? '', [session.id, 'logout']))
    return message(c, 403, 'You are still logged in', [
      'This did not come from a page that was made for you. Go back, load the page again and sign out there.',
    ])
  sessions.end(c, session)
  let atProvider: string | undefined
  try {
    atProvider = await provider.endSession(`${settings.url}/signed-out`)
  } catch (error) {
    log.warn(faultOf(error), 'the OIDC provider did not answer at a logout')
  }
  return c.html(signedOut(atProvider))
}
