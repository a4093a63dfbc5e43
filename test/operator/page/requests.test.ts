import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { fieldsOf } from './support/fields.ts'
import type { Browser } from './support/browser.ts'
import { startProvider, type RunningProvider } from './support/provider.ts'
import { digestOf, requestNamed } from './support/requests.ts'
import { pageUrl, startPage, type WholePage } from './support/whole-page.ts'

let provider: RunningProvider
let whole: WholePage
let browser: Browser
const one = '/requests/frostgate/one'

beforeAll(async () => {
  provider = await startProvider(pageUrl)
  provider.groups.set('ada', ['data-stewards'])
  provider.groups.set('grace', ['data-stewards'])
  provider.groups.set('eve', ['others'])
  provider.groups.set('vera', ['auditors'])
})

afterAll(() => provider.close())

beforeEach(async () => {
  const limits = { streams: 3, streamsPerPerson: 2, heartbeatMs: 300 }
  whole = await startPage(provider, { settings: { viewers: ['auditors'] }, limits })
  whole.server.put(requestNamed('one'))
  browser = whole.browser()
})

afterEach(() => whole.close())

async function openForm(name = 'ada', path = one) {
  return fieldsOf((await browser.login(name, path)).body)
}

function textOf(body: string): string {
  return body
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ')
}

test('every answer says what browsers may do with it', async () => {
  await browser.login('ada')
  for (const path of [
    '/',
    one,
    '/nothing',
    '/login',
    '/login/callback',
    '/assets/page.css',
    '/signed-out',
  ]) {
    const { headers } = await browser.get(path)
    const policy = String(headers['content-security-policy'])
    expect(policy, path).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).toMatch(/form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/)
    expect(policy).not.toMatch(/unsafe|nonce|\*|data:/)
    expect(headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    })
    expect(headers['cache-control'], path).toBe('no-store')
  }
})

test('files are kept by the name that has their hash', async () => {
  const { body } = await browser.login('ada')
  const [, path = ''] = /src="(\/assets\/page\.js\?v=[0-9a-f]{16})"/.exec(body) ?? []
  const { headers, status } = await browser.get(path)
  expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable'])
})

test('no page has script or style of its own', async () => {
  for (const path of ['/', one]) {
    const { body } = await browser.login('ada', path)
    expect(body).not.toMatch(/<script(?! src="\/assets\/)|<style|\sstyle=|\son[a-z]+=/i)
  }
})

describe('who sees what', () => {
  test('the list has what the person may decide', async () => {
    whole.server.put(requestNamed('two', { approvers: { groups: ['dba'], count: 1 } }))
    const { body } = await browser.login('ada')
    expect(body).toContain('href="/requests/frostgate/one"')
    expect(body).not.toContain('/two')
  })

  test('others get the same page as where there is no request', async () => {
    const missing = (await browser.login('eve', '/requests/frostgate/none')).body
    const hidden = await browser.get(one)
    expect([hidden.status, hidden.body]).toEqual([404, missing])
    expect((await browser.get('/')).body).not.toContain('PATIENTS')
  })

  test('viewers see all, and decide nothing', async () => {
    const { body } = await browser.login('vera', one)
    expect(body).toContain('You cannot decide this')
    expect(body).not.toContain('id="decision"')
  })

  test('whoever has decided sees what became of it', async () => {
    const { token, digest } = await openForm()
    await browser.post(one, { token, digest, verdict: 'Approve', reason: '' })
    const { body } = await browser.get(one)
    expect(textOf(body)).toMatch(/1 of 1 approval.*Approved.*#ada/)
    expect(body).not.toContain('id="decision"')
  })

  test('pending ones come first, the most urgent before others; old ones are left out', async () => {
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()
    whole.server.put(requestNamed('soon', { expiresAt: at(2) }))
    whole.server.put(requestNamed('was', {}, { phase: 'Denied', endedAt: at(-30) }))
    whole.server.put(requestNamed('old', {}, { phase: 'Used', endedAt: at(-26 * 60) }))
    const { body } = await browser.login('ada')
    const names = [...body.matchAll(/href="\/requests\/frostgate\/([a-z]+)"/g)].map(
      ([, name]) => name,
    )
    expect(names).toEqual(['soon', 'one', 'was'])
  })
})

describe('deciding', () => {
  test('an approval goes to the desk with who, what and why', async () => {
    const { token, digest } = await openForm()
    const form = { token, digest, verdict: 'Approve', reason: ' Ward report.\r\n' }
    const { status, body } = await browser.post(one, form)
    expect([status, textOf(body)]).toEqual([200, expect.stringContaining('You approved it')])
    expect(whole.desk.taken).toEqual([
      {
        request: { namespace: 'frostgate', name: 'one' },
        digest: requestNamed('one').spec.statementDigest,
        verdict: 'Approve',
        reason: 'Ward report.',
        via: 'Oidc',
        person: {
          username: `${provider.issuer}#ada`,
          groups: ['data-stewards'],
          issuer: provider.issuer,
          subject: 'ada',
          aliases: ['ada@example.test'],
        },
      },
    ])
    const line = whole.logged.find((each) => each.includes('a decision on')) ?? ''
    expect(JSON.parse(line)).toMatchObject({ name: 'one', verdict: 'Approve', taken: true })
    expect(line).not.toContain(token)
  })

  test('a denial needs a reason; what was written stays', async () => {
    const { token, digest } = await openForm()
    const empty = await browser.post(one, { token, digest, verdict: 'Deny', reason: ' ' })
    expect([empty.status, empty.body]).toEqual([422, expect.stringContaining('Say why you deny')])
    const reason = 'x'.repeat(1025)
    const long = await browser.post(one, { token, digest, verdict: 'Deny', reason })
    expect([long.status, long.body]).toEqual([422, expect.stringContaining(reason)])
    expect(whole.desk.taken).toEqual([])
    const done = await browser.post(one, { token, digest, verdict: 'Deny', reason: 'Too wide.' })
    expect(textOf(done.body)).toContain('You denied it')
    expect(whole.desk.taken).toHaveLength(1)
  })

  test('one of two approvals says so', async () => {
    whole.server.put(requestNamed('one', { approvers: { groups: ['data-stewards'], count: 2 } }))
    const { token, digest } = await openForm()
    const answer = await browser.post(one, { token, digest, verdict: 'Approve', reason: '' })
    expect(textOf(answer.body)).toContain('as soon as 2 people')
    const { body } = await browser.get(one)
    expect(textOf(body)).toContain('1 of 2 approvals')
  })

  test('the desk’s no is shown', async () => {
    const { token, digest } = await openForm()
    const form = { token, digest, verdict: 'Approve', reason: '' }
    whole.desk.decide = () => Promise.resolve({ taken: false, why: 'It was <i>denied</i> by eve.' })
    const { status, body } = await browser.post(one, form)
    expect([status, body]).toEqual([409, expect.stringContaining('It was &lt;i&gt;denied')])
  })

  test('the desk’s failure decides nothing that is known, and is in the log', async () => {
    const { token, digest } = await openForm()
    whole.desk.decide = () => Promise.reject(new Error('the API server is away'))
    const form = { token, digest, verdict: 'Approve', reason: '' }
    const { status, body } = await browser.post(one, form)
    expect(status).toBe(500)
    expect(body).not.toContain('API server')
    const [, incident = 'none'] = /Incident ([0-9a-f-]{36})/.exec(body) ?? []
    expect(whole.logged.join()).toContain(incident)
  })

  const altered: Readonly<
    Record<string, (form: Record<string, string>) => Record<string, string>>
  > = {
    'no token': ({ token: _, ...rest }) => rest,
    'another token': (form) => ({ ...form, token: `${form['token'] ?? ''}A` }),
    'the digest of another statement': (form) => ({ ...form, digest: digestOf('other') }),
    'another verdict': (form) => ({ ...form, verdict: 'approve' }),
    'a field more': (form) => ({ ...form, via: 'Kubernetes' }),
  }

  test.each(Object.keys(altered))('a form with %s decides nothing', async (name) => {
    const { token, digest } = await openForm()
    const form = altered[name]?.({ token, digest, verdict: 'Approve', reason: '' }) ?? {}
    expect((await browser.post(one, form)).status).toBe(403)
    expect(whole.desk.taken).toEqual([])
  })

  test('a field twice decides nothing', async () => {
    const { token, digest } = await openForm()
    const fields = new URLSearchParams({ token, digest, verdict: 'Deny', reason: 'No.' })
    fields.append('verdict', 'Approve')
    expect((await browser.post(one, fields.toString())).status).toBe(403)
    expect(whole.desk.taken).toEqual([])
  })

  test('a token is for one person, one session, and one request', async () => {
    whole.server.put(
      requestNamed('two', { statementDigest: requestNamed('one').spec.statementDigest }),
    )
    const { token, digest } = await openForm()
    const form = { token, digest, verdict: 'Approve', reason: '' }
    expect((await browser.post('/requests/frostgate/two', form)).status).toBe(403)
    const other = whole.browser()
    await other.login('grace')
    expect((await other.post(one, form)).status).toBe(403)
    expect(whole.desk.taken).toEqual([])
  })

  const foreign: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'another site': { 'sec-fetch-site': 'cross-site' },
    'another host of the site': { 'sec-fetch-site': 'same-site' },
    'the address bar': { 'sec-fetch-site': 'none' },
    'another origin': { origin: 'https://evil.test' },
    'a body that is no form': { 'content-type': 'text/plain' },
  }

  test.each(Object.keys(foreign))('a form from %s decides nothing', async (name) => {
    const { token, digest } = await openForm()
    const form = { token, digest, verdict: 'Approve', reason: '' }
    expect((await browser.post(one, form, foreign[name])).status).toBe(403)
    expect(whole.desk.taken).toEqual([])
  })

  test('without a login, or after it, nothing is decided', async () => {
    const { token, digest } = await openForm()
    const form = { token, digest, verdict: 'Approve', reason: '' }
    expect((await whole.browser().post(one, form)).status).toBe(401)
    whole.skew = 3_700_000
    expect((await browser.post(one, form)).status).toBe(401)
    expect(whole.desk.taken).toEqual([])
  })

  test('who may not see it cannot decide it, whatever the form', async () => {
    const { token, digest } = await openForm()
    const other = whole.browser()
    await other.login('eve')
    const form = { token, digest, verdict: 'Approve', reason: '' }
    expect((await other.post(one, form)).status).toBe(404)
  })

  test('too many decisions of one person have to wait', async () => {
    const { token, digest } = await openForm()
    const form = { token, digest, verdict: 'Deny', reason: '' }
    const statuses: number[] = []
    for (let index = 0; index < 22; index += 1)
      statuses.push((await browser.post(one, form)).status)
    expect(statuses.slice(0, 20).every((status) => status === 422)).toBe(true)
    expect(statuses.at(-1)).toBe(429)
  })

  test('a body that is too long is not read', async () => {
    const { token, digest } = await openForm()
    const form = { token, digest, verdict: 'Deny', reason: 'x'.repeat(40_000) }
    expect((await browser.post(one, form)).status).toBe(413)
  })
})

test('another name of the server is not served', async () => {
  const answer = await browser.get('/', { host: 'evil.test' })
  expect([answer.status, answer.headers['location']]).toEqual([421, undefined])
})

test('logins of one address are bounded', async () => {
  const statuses: number[] = []
  for (let index = 0; index < 63; index += 1)
    statuses.push((await browser.get('/login/callback')).status)
  expect([statuses[0], statuses.at(-1)]).toEqual([403, 429])
})

test('methods and paths that there are not', async () => {
  await browser.login('ada')
  expect((await browser.post('/', {})).status).toBe(404)
  expect((await browser.get('/requests/frostgate/one/')).status).toBe(404)
  expect((await browser.get('/requests/%E0%A4%A/one')).status).toBe(404)
  expect((await browser.get('/requests/__proto__/constructor')).status).toBe(404)
})

test('calls of Slack go on as they came, and the browser’s rules do not bear on them', async () => {
  const calls: unknown[] = []
  const slack = {
    handle: (method: string, path: string, headers: object, body: Uint8Array) => {
      calls.push([method, path, 'x-slack-signature' in headers, Buffer.from(body).toString()])
      const answer = { status: 200, headers: { 'content-type': 'text/plain' }, body: 'taken' }
      return Promise.resolve(path === '/slack/interactions' ? answer : undefined)
    },
  }
  const other = await startPage(provider, { slack })
  try {
    const caller = other.browser()
    const signed = { 'sec-fetch-site': 'cross-site', 'x-slack-signature': 'v0=1' }
    const answer = await caller.post('/slack/interactions', 'payload=%7B%7D', signed)
    expect([answer.status, answer.body]).toEqual([200, 'taken'])
    expect(calls).toEqual([['POST', '/slack/interactions', true, 'payload=%7B%7D']])
    expect((await caller.post('/slack/else', '')).status).toBe(404)
    expect((await caller.post('/slack/interactions', 'x'.repeat(300_000))).status).toBe(413)
  } finally {
    await other.close()
  }
})
