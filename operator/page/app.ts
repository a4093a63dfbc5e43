/** The routes of the page, behind what each request must pass. */

import { randomUUID } from 'node:crypto'

import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'

import { RateLimit } from '../broker/rate-limit.ts'
import { assetHash, assets } from './assets/assets.ts'
import type { OtherCalls, PageContext } from './context.ts'
import { isAddressed, securityHeaders } from './guards.ts'
import { loginRoutes } from './login.ts'
import { requestRoutes, slowDown } from './requests.ts'
import { message, notFound } from './views/message.ts'

export function pageApp(page: PageContext): Hono {
  const { limits, settings, now, log } = page
  const app = new Hono({ strict: true })
  const decisions = new RateLimit(limits.decisionsPerPerson, now)
  app.use(securityHeaders())
  app.use(async (c, next) => {
    if (isAddressed(c, settings.url)) return next()
    return c.text(`The approvals page is at ${settings.url}\n`, 421)
  })
  app.use(perAddress(page, new RateLimit(limits.callsPerAddress, now)))
  if (page.slack !== undefined) app.on('POST', ['/slack/*'], ...slackCalls(page, page.slack))
  app.use(bodyLimit({ maxSize: limits.body, onError: (c) => c.text('Too long.\n', 413) }))
  const logins = perAddress(page, new RateLimit(limits.loginsPerAddress, now))
  app.use('/login', logins)
  app.use('/login/callback', logins)
  for (const [path, { type, body }] of Object.entries(assets))
    app.get(path, (c) => {
      c.header('content-type', type)
      // Another replica's page may ask for what this one has not.
      if (c.req.query('v') === assetHash(body))
        c.header('cache-control', 'public, max-age=31536000, immutable')
      return c.body(body)
    })
  app.route('/', loginRoutes(page))
  app.route(
    '/',
    requestRoutes(page, (username) => decisions.take(username)),
  )
  app.notFound((c) => notFound(c))
  app.onError((error, c) => {
    const incident = randomUUID()
    log.error({ err: error, incident, path: c.req.path }, 'a page could not be made')
    return message(c, 500, 'That did not work', [
      'Whether something was decided is not known: open the request to see.',
      `Incident ${incident}, in the operator’s log.`,
    ])
  })
  return app
}

function slackCalls(
  { limits }: PageContext,
  slack: OtherCalls,
): [MiddlewareHandler, MiddlewareHandler] {
  return [
    bodyLimit({ maxSize: limits.slackBody, onError: (c) => c.text('Too long.\n', 413) }),
    async (c) => {
      const body = new Uint8Array(await c.req.arrayBuffer())
      const answer = await slack.handle('POST', c.req.path, c.req.header(), body)
      return answer === undefined
        ? notFound(c)
        : new Response(answer.body, { status: answer.status, headers: answer.headers })
    },
  ]
}

function perAddress(page: PageContext, limit: RateLimit): MiddlewareHandler {
  return async (c: Context, next) => {
    const seconds = limit.take(page.addressOf(c))
    return seconds > 0 ? slowDown(c, seconds) : next()
  }
}
