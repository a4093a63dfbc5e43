import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Browser } from './support/browser.ts'
import { startProvider, type RunningProvider } from './support/provider.ts'
import { requestNamed } from './support/requests.ts'
import { pageUrl, startPage, type WholePage } from './support/whole-page.ts'

let provider: RunningProvider
let whole: WholePage
let browser: Browser

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

describe('events', () => {
  test('tell of what the person may see, and of nothing else', async () => {
    await browser.login('ada')
    const stream = await browser.stream()
    expect(await stream.next()).toMatch(/^event: open\n/)
    whole.server.put(requestNamed('secret', { approvers: { groups: ['dba'], count: 1 } }))
    expect(await stream.next()).toMatch(/^event: heartbeat\n/)
    whole.server.put(requestNamed('two'))
    const event = await stream.next()
    expect(event).toMatch(/^event: change\n/)
    expect(event).not.toContain('two')
    stream.close()
  })

  test('end with the login', async () => {
    await browser.login('ada')
    const stream = await browser.stream()
    await stream.next()
    whole.skew = 3_700_000
    expect(await stream.next()).toMatch(/^event: over\n/)
    expect(await stream.next()).toBe('')
  })

  test('are as many as may be, for one person and for all', async () => {
    const others = [whole.browser(), whole.browser()]
    await browser.login('ada')
    await others[0]?.login('grace')
    await others[1]?.login('vera')
    const streams = [await browser.stream(), await browser.stream(), await browser.stream()]
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 503])
    expect((await others[0]?.stream())?.status).toBe(200)
    expect((await others[1]?.stream())?.status).toBe(503)
    streams[0]?.close()
    await expect.poll(async () => (await others[1]?.stream())?.status).toBe(200)
  })

  test('are for who is logged in, on a page of ours', async () => {
    expect((await browser.stream()).status).toBe(401)
    await browser.login('ada')
    expect((await browser.get('/events', { 'sec-fetch-site': 'cross-site' })).status).toBe(401)
  })

  test('end when the page closes, and do not keep it from that', async () => {
    await browser.login('ada')
    const stream = await browser.stream()
    await stream.next()
    const from = Date.now()
    await whole.page.close()
    expect(Date.now() - from).toBeLessThan(1_500)
  })
})
