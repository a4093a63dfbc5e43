import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { fieldsOf } from './support/fields.ts'
import { startProvider, type RunningProvider } from './support/provider.ts'
import { requestNamed } from './support/requests.ts'
import { startRogue, type Rogue } from './support/rogue.ts'
import { pageUrl, startPage, type WholePage } from './support/whole-page.ts'
import type { Browser } from './support/browser.ts'

let provider: RunningProvider
let whole: WholePage
const secretsIn = (text: string) => text.includes('a-client-secret-that-no-log-may-have')

beforeAll(async () => {
  provider = await startProvider(pageUrl)
  provider.groups.set('ada', ['data-stewards'])
})

afterAll(() => provider.close())

describe('with a real provider', () => {
  beforeEach(async () => {
    whole = await startPage(provider)
    whole.server.put(requestNamed('one'))
  })

  afterEach(async () => {
    expect(whole.logged.some(secretsIn)).toBe(false)
    await whole.close()
  })

  test('a link leads through the login to what it named', async () => {
    const browser = whole.browser()
    const answer = await browser.login('ada', '/requests/frostgate/one')
    expect(answer.status).toBe(200)
    expect(answer.body).toContain('HEALTH.PHI.PATIENTS')
    expect(answer.body).toContain('ada of Tests')
    expect(browser.cookie('__Host-frostgate')).toBeDefined()
  })

  test('what is asked of the provider: a code, with PKCE, state and nonce', async () => {
    const { location } = await whole.browser().get('/login')
    const query = new URL(location ?? '').searchParams
    expect(Object.fromEntries(query)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: `${pageUrl}/login/callback`,
    })
    for (const name of ['code_challenge', 'state', 'nonce'])
      expect(query.get(name)?.length).toBeGreaterThan(40)
  })

  test('cookies are only for this host, TLS, and no script', async () => {
    const browser = whole.browser()
    const { headers } = await browser.get('/login')
    const { callback } = await browser.comeBack('ada')
    const after = await browser.get(callback)
    const lines = [headers['set-cookie'] ?? [], after.headers['set-cookie'] ?? []].flat()
    expect(lines.length).toBeGreaterThan(1)
    for (const line of lines) {
      expect(line).toMatch(/^__Host-frostgate/)
      expect(line).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
      expect(line).not.toMatch(/Domain/i)
    }
  })

  test.each([
    'https://evil.test/',
    '//evil.test',
    '/\\evil.test',
    '/requests/a/b/../../..//evil.test',
    'javascript:alert(1)',
    '/login',
    '/requests/a/b?x=1',
  ])('a login does not lead on to %s', async (to) => {
    const browser = whole.browser()
    const { callback } = await browser.comeBack('ada', `/login?to=${encodeURIComponent(to)}`)
    const answer = await browser.get(callback)
    expect([answer.status, answer.location]).toEqual([303, `${pageUrl}/`])
  })

  test('PKCE: the code is of no use with another verifier', async () => {
    const [victim, thief] = [whole.browser(), whole.browser()]
    const { callback } = await victim.comeBack('ada')
    const { location } = await thief.get('/login')
    const url = new URL(callback)
    // The thief's own attempt, with the victim's code.
    url.searchParams.set('state', new URL(location ?? '').searchParams.get('state') ?? '')
    const answer = await thief.get(url.href)
    expect(answer.status).toBe(403)
    expect(thief.cookie('__Host-frostgate')).toBeUndefined()
    expect(whole.logged.join()).toMatch(/invalid_grant/)
  })

  test('state: a login that another browser began is not taken', async () => {
    const { callback } = await whole.browser().comeBack('ada')
    const other = whole.browser()
    const answer = await other.get(callback)
    expect([answer.status, answer.body]).toEqual([
      403,
      expect.stringContaining('not begun in this'),
    ])
  })

  test('state: one that was altered is not taken', async () => {
    const browser = whole.browser()
    const { callback } = await browser.comeBack('ada')
    const url = new URL(callback)
    url.searchParams.set('state', `${url.searchParams.get('state') ?? ''}x`)
    expect((await browser.get(url.href)).status).toBe(403)
  })

  test('a callback is taken once, though its cookie is sent again', async () => {
    const browser = whole.browser()
    const { callback } = await browser.comeBack('ada')
    const jar = new Map(browser.cookies.get('approvals.test'))
    expect((await browser.get(callback)).status).toBe(303)
    browser.cookies.set('approvals.test', jar)
    expect((await browser.get(callback)).status).toBe(403)
    // The provider would have refused it, too; here it is not asked.
    expect(whole.logged.join()).not.toMatch(/invalid_grant/)
  })

  test('the provider’s refusal is told, without its words', async () => {
    const browser = whole.browser()
    const { location } = await browser.get('/login')
    const state = new URL(location ?? '').searchParams.get('state') ?? ''
    const query = new URLSearchParams({ error: 'access_denied', error_description: '<b>', state })
    const answer = await browser.get(`/login/callback?${query.toString()}`)
    expect(answer.status).toBe(403)
    expect(answer.body).not.toContain('<b>')
  })

  test('whose token names no groups is logged in and told so', async () => {
    const answer = await whole.browser().login('nobody')
    expect(answer.status).toBe(200)
    expect(answer.body).toContain('names no groups')
    expect(answer.body).not.toContain('PATIENTS')
  })

  test('a session ends after its time, and a changed cookie is none', async () => {
    const browser = whole.browser()
    await browser.login('ada')
    expect((await browser.get('/')).status).toBe(200)
    whole.skew = 3_599_000
    expect((await browser.get('/')).status).toBe(200)
    whole.skew = 3_602_000
    expect((await browser.get('/')).status).toBe(303)
    whole.skew = 0
    const cookie = browser.cookie('__Host-frostgate') ?? ''
    const jar = browser.cookies.get('approvals.test')
    const middle = cookie.length >> 1
    const other = cookie[middle] === 'A' ? 'B' : 'A'
    jar?.set('__Host-frostgate', cookie.slice(0, middle) + other + cookie.slice(middle + 1))
    expect((await browser.get('/')).status).toBe(303)
  })

  test('a cookie of an attempt to log in is no session', async () => {
    const browser = whole.browser()
    await browser.get('/login')
    const jar = browser.cookies.get('approvals.test') ?? new Map<string, string>()
    const [attempt = ''] = [...jar.values()]
    expect(attempt).not.toBe('')
    jar.set('__Host-frostgate', attempt)
    expect((await browser.get('/')).status).toBe(303)
  })

  test('two tabs log in side by side', async () => {
    const browser = whole.browser()
    const first = await browser.comeBack('ada')
    const second = await browser.get('/login')
    expect((await browser.get(first.callback)).status).toBe(303)
    const answer = await browser.follow(second)
    expect(answer.status).toBe(200)
  })

  test('logging out ends the session here, for copies too, and leads to the provider', async () => {
    const browser = whole.browser()
    const { body } = await browser.login('ada')
    const copy = new Map(browser.cookies.get('approvals.test'))
    const token = /action="\/logout">\s*<input type="hidden" name="token" value="([^"]+)"/.exec(
      body,
    )
    const forged = await browser.post('/logout', { token: 'x' })
    expect(forged.status).toBe(403)
    expect((await browser.get('/')).status).toBe(200)
    const form = { token: token?.[1] ?? '' }
    expect((await browser.post('/logout', form, { 'sec-fetch-site': 'cross-site' })).status).toBe(
      403,
    )
    const answer = await browser.post('/logout', form)
    expect(answer.status).toBe(200)
    expect(answer.body).toContain(`${provider.issuer}/session/end?post_logout_redirect_uri=`)
    expect((await browser.get('/')).status).toBe(303)
    browser.cookies.set('approvals.test', copy)
    expect((await browser.get('/')).status).toBe(303)
  })

  test('many groups go into several cookies; too many are refused', async () => {
    const long = (count: number) =>
      Array.from(
        { length: count },
        (_, index) => `${String(index).padStart(4, '0')}-${'g'.repeat(35)}`,
      )
    provider.groups.set('many', [...long(190), 'data-stewards'])
    provider.groups.set('countless', long(300))
    const browser = whole.browser()
    const answer = await browser.login('many', '/requests/frostgate/one')
    expect(answer.status).toBe(200)
    expect(browser.cookie('__Host-frostgate-1')).toBeDefined()
    const refused = await whole.browser().login('countless')
    expect([refused.status, refused.body]).toEqual([403, expect.stringContaining('300 groups')])
  })
})

test('groups come from the user-info endpoint where the id_token has none', async () => {
  const other = await startProvider(pageUrl, { groupsIn: 'userinfo', withoutLogout: true })
  other.groups.set('ada', ['data-stewards'])
  whole = await startPage(other)
  whole.server.put(requestNamed('one'))
  try {
    const browser = whole.browser()
    const { body } = await browser.login('ada')
    expect(body).toContain('PATIENTS')
    const token = /name="token" value="([^"]+)"/.exec(body)?.[1] ?? ''
    const answer = await browser.post('/logout', { token })
    expect(answer.body).toContain('You are logged out')
    expect(answer.body).not.toContain('http-equiv="refresh"')
  } finally {
    await whole.close()
    await other.close()
  }
})

test('other names come from there, too, where the id_token tells none', async () => {
  const other = await startProvider(pageUrl, { emailIn: 'userinfo' })
  other.groups.set('ada', ['data-stewards'])
  whole = await startPage(other)
  whole.server.put(requestNamed('one'))
  try {
    const browser = whole.browser()
    const form = fieldsOf((await browser.login('ada', '/requests/frostgate/one')).body)
    await browser.post('/requests/frostgate/one', { ...form, verdict: 'Approve', reason: '' })
    expect(whole.desk.taken).toMatchObject([{ person: { aliases: ['ada@example.test'] } }])
  } finally {
    await whole.close()
    await other.close()
  }
})

test('with a wrong secret nobody logs in, and the log does not have it', async () => {
  whole = await startPage({ ...provider, secret: 'not-the-secret' })
  try {
    const answer = await whole.browser().login('ada')
    expect(answer.status).toBe(403)
    expect(whole.logged.join()).toMatch(/a login failed/)
    expect(whole.logged.join()).not.toMatch(/not-the-secret/)
  } finally {
    await whole.close()
  }
})

test('a provider that is away is told, and found when it comes', async () => {
  whole = await startPage({ issuer: 'http://127.0.0.1:9', clientId: 'frostgate' })
  try {
    const answer = await whole.browser().get('/login')
    expect([answer.status, answer.body]).toEqual([503, expect.stringContaining('does not answer')])
  } finally {
    await whole.close()
  }
})

describe('with a provider that lies', () => {
  let rogue: Rogue
  let browser: Browser

  beforeEach(async () => {
    rogue = await startRogue()
    whole = await startPage({ issuer: rogue.issuer, clientId: rogue.clientId })
    browser = whole.browser()
  })

  afterEach(async () => {
    await whole.close()
    await rogue.close()
  })

  async function attempt(extra: Readonly<Record<string, string>> = {}) {
    const { location } = await browser.get('/login')
    const asked = new URL(location ?? '').searchParams
    rogue.nonce = asked.get('nonce') ?? ''
    const query = new URLSearchParams({ code: 'a-code', state: asked.get('state') ?? '', ...extra })
    return browser.get(`/login/callback?${query.toString()}`)
  }

  test('what is right is taken', async () => {
    expect((await attempt()).status).toBe(303)
    expect(rogue.asked[0]?.get('code_verifier')?.length).toBeGreaterThan(40)
    expect((await browser.get('/')).status).toBe(200)
  })

  const past = () => Math.floor(Date.now() / 1000) - 600
  const lies: Readonly<Record<string, (rogue: Rogue) => void>> = {
    'another nonce': (it) => (it.nonce = 'of another login'),
    'no nonce': (it) => (it.claims = ({ nonce: _, ...rest }) => rest),
    'another issuer': (it) => (it.claims = (usual) => ({ ...usual, iss: 'https://other.test' })),
    'another audience': (it) => (it.claims = (usual) => ({ ...usual, aud: 'somebody-else' })),
    'several audiences': (it) =>
      (it.claims = (usual) => ({ ...usual, aud: ['frostgate', 'other'], azp: 'other' })),
    'an id_token that is over': (it) =>
      (it.claims = (usual) => ({ ...usual, iat: past() - 60, exp: past() })),
    'a key that is not published': (it) => (it.forged = true),
    'no subject': (it) => (it.claims = ({ sub: _, ...rest }) => rest),
    'groups that are no texts': (it) => (it.claims = (usual) => ({ ...usual, groups: [{}] })),
    'signatures of none': (it) =>
      (it.metadata = { id_token_signing_alg_values_supported: ['none'] }),
    'metadata of another issuer': (it) => (it.metadata = { issuer: 'https://other.test' }),
  }

  test.each(Object.keys(lies))('%s is refused', async (name) => {
    lies[name]?.(rogue)
    if (name === 'another nonce') {
      const { location } = await browser.get('/login')
      const state = new URL(location ?? '').searchParams.get('state') ?? ''
      const query = new URLSearchParams({ code: 'a-code', state })
      expect((await browser.get(`/login/callback?${query.toString()}`)).status).toBe(403)
    } else expect([403, 503]).toContain((await attemptOrRefusal()).status)
    expect(browser.cookie('__Host-frostgate')).toBeUndefined()
    expect((await browser.get('/')).status).toBe(303)
  })

  /** Metadata that are wrong end it before the provider is asked. */
  async function attemptOrRefusal() {
    const { status, location } = await browser.get('/login')
    return location === undefined ? { status } : attempt()
  }

  test('another issuer in the answer to the browser is refused', async () => {
    rogue.metadata = { authorization_response_iss_parameter_supported: true }
    expect((await attempt({ iss: 'https://other.test' })).status).toBe(403)
    expect((await attempt()).status).toBe(403)
    expect((await attempt({ iss: rogue.issuer })).status).toBe(303)
  })

  test('groups of Kubernetes’ own are not a provider’s to give', async () => {
    rogue.claims = (usual) => ({ ...usual, groups: ['system:masters'] })
    whole.server.put(requestNamed('one', { approvers: { groups: ['system:masters'], count: 1 } }))
    expect((await attempt()).status).toBe(303)
    expect((await browser.get('/requests/frostgate/one')).status).toBe(404)
  })
})
