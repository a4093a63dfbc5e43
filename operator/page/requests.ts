/** Pages of requests: the list, one request, and the answer to a decision. */

import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'

import type { ApprovalRequest } from '../../crds/types.ts'
import type { Key } from '../approvals/types.ts'
import type { PageContext } from './context.ts'
import { readDecision } from './decision.ts'
import { isOurs } from './guards.ts'
import type { Session } from './session.ts'
import { isOver, maySee, seenBy } from './sight.ts'
import { listView } from './views/list.ts'
import { message, notFound } from './views/message.ts'
import { requestView } from './views/request.ts'
import { resultView } from './views/result.ts'

export function requestRoutes(page: PageContext, overTheRate: OverTheRate): Hono {
  const app = new Hono()
  const path = '/requests/:namespace/:name'
  app.get('/', (c) => withSession(c, page, (session) => list(c, page, session)))
  app.get(path, (c) => withSession(c, page, (session) => detail(c, page, session)))
  const limit = bodyLimit({ maxSize: page.limits.body, onError: tooLong })
  app.post(path, limit, (c) => decide(c, page, overTheRate))
  app.get('/events', (c) => events(c, page))
  return app
}

/** Seconds to wait before the person's next decision; 0 for none. */
export type OverTheRate = (username: string) => number

function tooLong(c: Context): Promise<Response> {
  return message(c, 413, 'That is too long', ['Write a shorter reason. Nothing was decided.'])
}

/** Not logged in: to the provider and back to where the link led. */
async function withSession(
  c: Context,
  page: PageContext,
  answer: (session: Session) => Response | Promise<Response>,
): Promise<Response> {
  const session = await page.sessions.of(c)
  if (session !== undefined) return answer(session)
  return c.redirect(`/login?to=${encodeURIComponent(new URL(c.req.url).pathname)}`, 303)
}

/** For both that are not there and those that are not this person's to see. */
function find(c: Context, page: PageContext, { person }: Session) {
  const key: Key = { namespace: c.req.param('namespace') ?? '', name: c.req.param('name') ?? '' }
  const request = page.store.request(key)
  return request !== undefined && maySee(request, person, page) ? { key, request } : undefined
}

function list(c: Context, page: PageContext, session: Session): Response | Promise<Response> {
  const logout = page.keys.formToken([session.id, 'logout'])
  const requests = seenBy(session.person, page)
  const mayDecide = (request: ApprovalRequest) =>
    page.desk.mayDecide(request, session.person) === true
  const { groupsClaim } = page.settings
  const { synced } = page.store
  return c.html(
    listView({ requests, session, logout, mayDecide, groupsClaim, synced, now: page.now() }),
  )
}

function detail(c: Context, page: PageContext, session: Session): Response | Promise<Response> {
  const found = find(c, page, session)
  return found === undefined ? notFound(c) : show(c, page, session, found.request)
}

/** The form repeats what it was made for, so that only what was shown can be decided. */
function show(
  c: Context,
  page: PageContext,
  session: Session,
  request: ApprovalRequest,
  trouble?: { readonly problem: string; readonly reason: string },
): Response | Promise<Response> {
  const { keys, desk } = page
  const { namespace = '', name } = request.metadata
  const { statementDigest } = request.spec
  return c.html(
    requestView({
      request,
      session,
      may: isOver(request) ? 'It is decided.' : desk.mayDecide(request, session.person),
      token: keys.formToken([session.id, namespace, name, statementDigest]),
      logout: keys.formToken([session.id, 'logout']),
      now: page.now(),
      ...(trouble === undefined ? {} : { trouble }),
    }),
    trouble === undefined ? 200 : 422,
  )
}

async function decide(c: Context, page: PageContext, overTheRate: OverTheRate): Promise<Response> {
  const session = await page.sessions.of(c)
  const { pathname } = new URL(c.req.url)
  if (session === undefined) return loggedOutMeanwhile(c, pathname)
  const found = find(c, page, session)
  if (found === undefined) return notFound(c)
  const { key, request } = found
  const given = isOurs(c, page.settings.url)
    ? readDecision(c.req.header('content-type'), await c.req.text())
    : undefined
  const bound = [session.id, key.namespace, key.name, given?.digest ?? '']
  if (given === undefined || !page.keys.isFormToken(given.token, bound))
    return message(
      c,
      403,
      'Nothing was decided',
      ['This did not come from a page that was made for you. Open the request and decide there.'],
      { href: pathname, text: 'Open the request' },
    )
  const { username } = session.person
  const wait = overTheRate(username)
  if (wait > 0) return slowDown(c, wait)
  if (given.problem !== undefined)
    return show(c, page, session, request, { problem: given.problem, reason: given.text })
  const { digest, verdict, reason } = given
  const { person } = session
  const outcome = await page.desk.decide({
    request: key,
    digest,
    verdict,
    reason,
    via: 'Oidc',
    person,
  })
  page.log.info(
    {
      ...key,
      digest,
      verdict,
      username,
      address: page.addressOf(c),
      ...outcome,
    },
    'a decision on the approvals page',
  )
  const logout = page.keys.formToken([session.id, 'logout'])
  const view = resultView({ request, verdict, outcome, session, logout })
  return c.html(view, outcome.taken ? 200 : 409)
}

export function slowDown(c: Context, seconds: number): Promise<Response> {
  c.header('retry-after', String(seconds))
  return message(c, 429, 'Too many at once', [
    `Wait ${seconds} s, then try again. Nothing was decided.`,
  ])
}

/** No redirect: browsers do not let a form lead to the provider. */
function loggedOutMeanwhile(c: Context, pathname: string): Promise<Response> {
  return message(
    c,
    401,
    'Your login is over',
    ['Nothing was decided. Log in again; the request is where it was.'],
    { href: `/login?to=${encodeURIComponent(pathname)}`, text: 'Log in' },
  )
}

async function events(c: Context, page: PageContext): Promise<Response> {
  const site = c.req.header('sec-fetch-site')
  const session = await page.sessions.of(c)
  if (session === undefined || (site !== undefined && site !== 'same-origin'))
    return c.text('Log in first.\n', 401)
  const answer = page.streams.serve(c, session)
  if (answer !== undefined) return answer
  c.header('retry-after', '30')
  return c.text('There are too many streams of events; load the page again instead.\n', 503)
}
