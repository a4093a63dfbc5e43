import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { executable, logIn, remedy, startChromium, troublesOf } from './support/chromium.ts'
import { startProvider, type RunningProvider } from './support/provider.ts'
import { requestNamed } from './support/requests.ts'
import { pageUrl, startPage, type WholePage } from './support/whole-page.ts'

const one = '/requests/frostgate/one'
if (executable === undefined) console.log(`SKIPPED: the approvals page in Chromium: ${remedy}`)

describe.skipIf(executable === undefined)('the approvals page in Chromium', () => {
  let provider: RunningProvider
  let whole: WholePage
  let browser: Browser
  let context: BrowserContext
  let troubles: string[]

  beforeAll(async () => {
    provider = await startProvider(pageUrl)
    provider.groups.set('ada', ['data-stewards'])
    provider.groups.set('grace', ['data-stewards'])
    whole = await startPage(provider, { ownDesk: true })
    browser = await startChromium(whole.port)
  })

  afterAll(async () => {
    await browser.close()
    await whole.close()
    await provider.close()
  })

  beforeEach(async () => {
    for (const { kind, metadata } of [
      ...whole.server.decisions.values(),
      ...whole.server.requests.values(),
    ])
      whole.server.remove(kind, { namespace: 'frostgate', name: metadata.name })
    whole.server.put(requestNamed('one'))
    context = await browser.newContext({ ignoreHTTPSErrors: true })
    context.setDefaultTimeout(8_000)
    troubles = []
  })

  afterEach(async () => {
    await context.close()
    expect(troubles).toEqual([])
  })

  async function open(name: string, path = '/', into = context): Promise<Page> {
    const page = await logIn(into, name, path)
    troubles = troublesOf(page)
    // From here on nothing may be wrong with it.
    await page.reload()
    return page
  }

  const statusOf = (name: string) => whole.store.request({ namespace: 'frostgate', name })?.status
  const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

  test('approve by keyboard alone, from the list on', async () => {
    const page = await open('ada')
    const seen: string[] = []
    const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()')
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Tab')
      seen.push(await focused())
      if (seen.at(-1)?.startsWith('Query of')) break
    }
    expect(seen[0]).toBe('Skip to content')
    expect(seen.at(-1)).toBe('Query of HEALTH.PHI.PATIENTS')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${pageUrl}${one}`)
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Tab')
      if ((await focused()) === 'Approve') break
      const outline = 'getComputedStyle(document.activeElement).outlineStyle'
      expect(await page.evaluate(outline)).toBe('solid')
    }
    expect(await focused()).toBe('Approve')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'You approved it' }).waitFor()
    await expect.poll(() => statusOf('one')?.phase).toBe('Approved')
    expect(statusOf('one')?.decisions).toMatchObject([
      { username: `${provider.issuer}#ada`, via: 'Oidc', verdict: 'Approve' },
    ])
  })

  test('deny: first asked for a reason, then sent with it', async () => {
    const page = await open('ada', one)
    await page.getByRole('button', { name: 'Deny' }).click()
    await page.getByText('Say why you deny it').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('reason')
    expect(await page.getByLabel('Reason').getAttribute('aria-invalid')).toBe('true')
    await page.keyboard.type('Ask for the aggregate instead.')
    await page.getByRole('button', { name: 'Deny' }).click()
    await page.getByRole('heading', { name: 'You denied it' }).waitFor()
    await expect.poll(() => statusOf('one')?.phase).toBe('Denied')
    expect(statusOf('one')?.decisions?.[0]?.reason).toBe('Ask for the aggregate instead.')
  })

  test('a new request appears by itself, and is said', async () => {
    const page = await open('ada')
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Query of' }).focus()
    whole.server.put(requestNamed('two', { class: 'DML' }))
    await page.getByRole('link', { name: 'DML of' }).waitFor()
    expect(await page.getByRole('status').textContent()).toBe('2 requests wait for a decision.')
    expect(await page.title()).toBe('2 waiting · Frostgate')
    // Whoever was on their way to a request still is.
    expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe(one)
  })

  test('what another decides appears by itself; what is being written is not lost', async () => {
    const rules = [{ policy: 'agents', rule: 'two-people' }]
    const approvers = { groups: ['data-stewards'], count: 2 }
    whole.server.put(requestNamed('one', { rules, approvers }))
    const page = await open('ada', one)
    const other = await browser.newContext({ ignoreHTTPSErrors: true })
    const writing = await logIn(other, 'grace', one)
    await writing.getByLabel('Reason').fill('Because')
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByText('as soon as 2 people have approved').waitFor()
    await writing.getByText('has changed since you opened it').first().waitFor()
    expect(await writing.getByLabel('Reason').inputValue()).toBe('Because')
    await writing.getByRole('button', { name: 'Approve' }).click()
    await writing.getByRole('heading', { name: 'You approved it' }).waitFor()
    await expect.poll(() => statusOf('one')?.phase).toBe('Approved')
    await page.goto(`${pageUrl}${one}`)
    await page.getByRole('heading', { name: '2 of 2 approvals' }).waitFor()
    await other.close()
  })

  test('time left is counted down', async () => {
    const page = await open('ada', one)
    const time = page.locator('time[data-countdown]')
    const before = await time.textContent()
    await expect.poll(() => time.textContent()).not.toBe(before)
    expect(await time.textContent()).toMatch(/^in 13 min \d+ s$/)
  })

  test('on a phone nothing but code scrolls sideways, and all that is pressed is large', async () => {
    const long = 'A_VERY_LONG_NAME_'.repeat(40)
    whole.server.put(
      requestNamed('long', {
        statement: `SELECT ${long} FROM ${long}\nWHERE 1`,
        objects: [{ name: long, access: 'DML' }],
        maskedColumns: [long],
        binds: [{ name: '1', type: 'TEXT', value: long }],
        reason: long,
        agentReason: long,
        principal: { provider: 'p', issuer: `https://${long}`, subject: long },
      }),
    )
    const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }
    const small = await browser.newContext({ ignoreHTTPSErrors: true, ...phone })
    const page = await open('ada', '/', small)
    for (const path of ['/', one, '/requests/frostgate/long', '/requests/frostgate/none']) {
      const quiet = troubles.length
      await page.goto(`${pageUrl}${path}`)
      expect(await page.evaluate(overflow), path).toBe(0)
      // The page that is not there is a 404, which Chromium says.
      if (path.endsWith('none')) troubles.splice(quiet)
    }
    await page.goto(`${pageUrl}${one}`)
    const approve = await page.getByRole('button', { name: 'Approve' }).boundingBox()
    expect(approve?.height).toBeGreaterThanOrEqual(44)
    await page.getByRole('button', { name: 'Approve' }).tap()
    await page.getByRole('heading', { name: 'You approved it' }).waitFor()
    expect(await page.evaluate(overflow)).toBe(0)
    await small.close()
  })

  test('hostile text is text', async () => {
    const text =
      '</pre><img src=x onerror=alert(1)><script>alert(2)</script>\u202e"\' onclick=alert(3)'
    whole.server.put(
      requestNamed('one', {
        statement: `SELECT '${text}'`,
        agentReason: text,
        reason: text,
        class: text,
        principal: { provider: text, issuer: text, subject: text, groups: [text], run: text },
        objects: [{ name: text, access: text }],
        binds: [{ name: text, type: text, value: text }],
      }),
    )
    const page = await open('ada', one)
    const shown = text.replace('\u202e', '\\u{202e}')
    expect(await page.locator('pre').innerText()).toContain(`SELECT '${shown}'`)
    expect(await page.locator('.claim blockquote').innerText()).toBe(shown)
    expect(await page.locator('img').count()).toBe(1)
    expect(await page.locator('script').count()).toBe(1)
    await page.goto(`${pageUrl}/`)
    await page.getByText('onclick=alert(3)').first().waitFor()
    // Also what comes with an event.
    whole.server.put(requestNamed('two', { statement: text, class: text }))
    await expect.poll(() => page.locator('.requests li').count()).toBe(2)
    expect(await page.locator('img').count()).toBe(1)
  })

  test('the policy stops script that is not ours', async () => {
    const page = await open('ada')
    await page.evaluate(`{
      const script = document.createElement('script')
      script.textContent = 'document.title = "taken over"'
      document.body.append(script)
    }`)
    expect(await page.title()).toBe('1 waiting · Frostgate')
    expect(troubles.splice(0).join()).toMatch(/Content Security Policy/)
  })

  test('without script all of it works', async () => {
    const plain = await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: false })
    const page = await open('ada', '/', plain)
    await page.getByRole('link', { name: 'Query of' }).click()
    await page.getByRole('button', { name: 'Deny' }).click()
    await page.getByText('Say why you deny it').waitFor()
    troubles.splice(0) // A 422, which Chromium says.
    await page.getByLabel('Reason').fill('Too wide.')
    await page.getByRole('button', { name: 'Deny' }).click()
    await page.getByRole('heading', { name: 'You denied it' }).waitFor()
    await plain.close()
  })

  test('a login that is over is said', async () => {
    const page = await open('ada')
    await page.getByText('Live', { exact: true }).waitFor()
    whole.skew = 3_700_000
    try {
      whole.server.put(requestNamed('two'))
      await page.locator('#liveness').getByText('Your login is over').waitFor()
    } finally {
      whole.skew = 0
    }
  })

  test('log out, here and at the provider', async () => {
    const page = await open('ada')
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.waitForURL(/\/session\/end/)
    await page.getByRole('button', { name: /yes/i }).click()
    await page.waitForURL(`${pageUrl}/signed-out`)
    await page.goto(pageUrl)
    await page.locator('input[name=login]').waitFor()
    troubles.splice(0) // Of the provider's own pages.
  })
})
