import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Browser } from './support/browser.ts'
import { startProvider, type RunningProvider } from './support/provider.ts'
import { requestNamed } from './support/requests.ts'
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

describe('hostile text', () => {
  const payloads = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</pre></code><svg/onload=alert(1)>',
    '{{7*7}}${7*7}',
    '&lt;script&gt;',
    'a\u202egnp.exe',
    '\u2066\u200b\u0000\u001b[31m',
    'שלום',
    'x'.repeat(1_000),
  ]

  function hostile(text: string) {
    return {
      statement: `SELECT '${text}'\n-- ${text}`,
      principal: {
        provider: text.slice(0, 63),
        issuer: text,
        subject: text,
        groups: [text],
        run: text,
      },
      connectionRef: { name: text },
      reason: text,
      agentReason: text,
      class: text,
      role: text,
      warehouse: text,
      objects: [{ name: text, access: text, lastDDL: text }],
      maskedColumns: [text],
      binds: [{ name: text, type: text, value: text }],
      variables: [{ name: text, value: text }],
      rules: [{ policy: text, rule: text }],
    }
  }

  async function checked(text: string) {
    const decision = {
      name: 'd',
      username: text,
      reason: text,
      verdict: 'Deny',
      time: text,
    } as const
    whole.server.put(
      requestNamed('one', hostile(text), { phase: 'Pending', decisions: [decision] }),
    )
    for (const path of ['/', one]) {
      const { status, body } = await browser.get(path)
      expect(status).toBe(200)
      // All that starts a tag was written by the page.
      expect(body).not.toMatch(
        /<(?!\/?(?:html|head|meta|title|link|script|body|a|header|img|form|input|span|button|p|main|div|nav|h[123]|section|dl|dt|dd|bdi|strong|figure|figcaption|blockquote|pre|code|mark|ul|ol|li|table|thead|tbody|tr|th|td|aside|label|textarea|time|details|summary|noscript|!doctype)\b)/,
      )
      expect(body).not.toMatch(/<[^>]*\son[a-z]+\s*=/i)
      expect(body.match(/<script/g)).toHaveLength(1)
      expect(body.match(/<img/g)).toHaveLength(1)
      expect(body).not.toMatch(/[\u0000-\u0008\u200b-\u200f\u202a-\u202e\u2066-\u2069]/)
    }
  }

  test.each(payloads)('%j is shown as text', async (text) => {
    await browser.login('ada')
    await checked(text)
    if (text.startsWith('<script>'))
      expect((await browser.get(one)).body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  test('so is any other text', async () => {
    await browser.login('ada')
    const nasty = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '&',
      '`',
      '/',
      '=',
      '\u202e',
      '\u0000',
      ' on',
      'script',
      '<!--',
      '\n',
    )
    const text = fc
      .array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 4 })), {
        minLength: 1,
        maxLength: 12,
      })
      .map((pieces) => pieces.join(''))
    await fc.assert(fc.asyncProperty(text, checked), { numRuns: 40 })
  })

  test('letters that look alike are marked in statements', async () => {
    whole.server.put(requestNamed('one', { statement: 'SELECT * FROM "РAYROLL"' }))
    const { body } = await browser.login('ada', one)
    expect(body).toMatch(/<mark[^>]*>Р<\/mark>AYROLL/)
  })
})
