/** What each request must pass, and what each answer says to the browser. */

import type { Context, MiddlewareHandler } from 'hono'

/** The page's own parts, and nothing else of anybody's. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

const headers: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}

export function securityHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(headers)) c.header(name, value)
    // Pages of files say themselves how long they keep.
    if (!(c.res.headers.get('cache-control') ?? '').includes('immutable'))
      c.header('cache-control', 'no-store')
  }
}

/**
 * Whether a page of ours made the browser send this. Browsers say so by Sec-Fetch-Site; those that
 * do not must name our origin (which they leave out of forms, for `referrer-policy: no-referrer`).
 */
export function isOurs(c: Context, origin: string): boolean {
  const site = c.req.header('sec-fetch-site')
  const from = c.req.header('origin')
  if (from !== undefined && from !== origin && from !== 'null') return false
  return site === undefined ? from === origin : site === 'same-origin'
}

/** Another name for this server may be somebody else's page. */
export function isAddressed(c: Context, origin: string): boolean {
  return c.req.header('host')?.toLowerCase() === new URL(origin).host
}
