import { createHmac, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { DeliveryFailed, retryAfterMs } from '../../../operator/notify/target.ts'
import { webhookSecret } from '../../../operator/notify/webhook/signature.ts'
import { webhookTarget } from '../../../operator/notify/webhook/webhook.ts'
import { receiver, request, start, type Received, type Receiver } from './support.ts'

let folder = ''
let file = ''
let there: Receiver
let clock = 0
const key = randomBytes(32)
const now = () => new Date(start)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notify-'))
  file = join(folder, 'secret')
  await writeFile(file, `whsec_${key.toString('base64')}\n`)
  there = await receiver()
  clock = 0
})
afterEach(async () => {
  await there.close()
  await rm(folder, { recursive: true })
})

function target(more: { readonly includeStatement?: boolean; readonly timeoutMs?: number } = {}) {
  const { includeStatement = false, timeoutMs = 2_000 } = more
  return webhookTarget({
    settings: {
      name: 'siem',
      url: `${there.url}/hook?key=hidden`,
      secretFile: file,
      includeStatement,
    },
    pageUrl: 'https://approvals.example',
    secret: webhookSecret(file, () => clock),
    now,
    timeoutMs,
  })
}

async function failure(work: Promise<unknown>): Promise<DeliveryFailed> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof DeliveryFailed)) throw new Error('it did not fail as it should')
  expect(error.message).not.toContain('hidden')
  return error
}

/** As a receiver does it by the specification. */
function isSigned(by: Buffer, at = 0): boolean {
  const { headers, body }: Pick<Received, 'headers' | 'body'> = there.received[at] ?? {
    headers: {},
    body: '',
  }
  const text = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
  const wanted = `v1,${createHmac('sha256', by).update(text).digest('base64')}`
  return String(headers['webhook-signature']).split(' ').includes(wanted)
}

describe('A message', () => {
  test('is signed, says what is asked, and holds no statement unless that is wanted', async () => {
    await target().tell(request(1), 'Pending', undefined)
    await target({ includeStatement: true }).tell(request(1), 'Denied', undefined)
    const [first, second] = there.received
    expect(isSigned(key)).toBe(true)
    expect(isSigned(randomBytes(32))).toBe(false)
    expect(first?.headers['webhook-timestamp']).toBe(String(start / 1000))
    expect(JSON.parse(first?.body ?? '')).toMatchObject({
      event: 'requested',
      request: {
        name: '0000000000000001',
        namespace: 'frostgate',
        connection: 'acme',
        principal: { subject: 'agent-7' },
        rules: ['agents/patients'],
        maskedColumns: ['CLINIC.PUBLIC.PATIENTS.SSN'],
        phase: 'Pending',
        page: 'https://approvals.example/requests/frostgate/0000000000000001',
      },
    })
    expect(first?.body).not.toContain('SELECT')
    expect(JSON.parse(second?.body ?? '')).toMatchObject({
      event: 'decided',
      request: { phase: 'Denied', statement: 'SELECT NAME FROM CLINIC.PUBLIC.PATIENTS' },
    })
  })

  test('says who decided and why, with nothing unseen in it', async () => {
    const ended = request(1, {
      phase: 'Denied',
      decisions: [
        {
          name: 'd',
          username: 'alice',
          verdict: 'Deny',
          via: 'Oidc',
          reason: 'no\u202eway',
          time: '2030-01-01T00:00:00Z',
        },
      ],
    })
    await target().tell(ended, 'Denied', undefined)
    const { request: told } = JSON.parse(there.received[0]?.body ?? '') as { request: unknown }
    expect(told).toMatchObject({
      decisions: [{ by: 'alice', verdict: 'Deny', via: 'Oidc', note: 'no\\u{202e}way' }],
    })
  })

  test('has the same id at each attempt, and another for another phase or receiver', async () => {
    await target().tell(request(1), 'Pending', undefined)
    await target().tell(request(1), 'Pending', undefined)
    await target().tell(request(1), 'Denied', undefined)
    await target().tell(request(2), 'Pending', undefined)
    const [a, b, c, d] = there.received.map(({ headers }) => headers['webhook-id'])
    expect(a).toBe(b)
    expect(new Set([a, c, d]).size).toBe(3)
  })
})

describe('A receiver that does not take it', () => {
  test.each([
    [500, 'target'],
    [503, 'target'],
    [401, 'target'],
    [400, 'request'],
    [422, 'request'],
  ] as const)('by HTTP %i is a failure of the %s', async (status, of) => {
    there.answer = () => ({ status, body: 'x'.repeat(10_000) })
    const error = await failure(target().tell(request(1), 'Pending', undefined))
    expect(error.of).toBe(of)
    expect(error.message).toContain(`HTTP ${status}`)
  })

  test('says when it may be asked again', async () => {
    there.answer = () => ({ status: 429, headers: { 'retry-after': '7' } })
    const error = await failure(target().tell(request(1), 'Pending', undefined))
    expect(error.retryAfterMs).toBe(7_000)
    expect(retryAfterMs(new Date(start + 9_000).toUTCString(), now())).toBe(9_000)
    expect(retryAfterMs('99999999', now())).toBe(3_600_000)
    expect(retryAfterMs('soon', now())).toBeUndefined()
  })

  test('is not followed anywhere else', async () => {
    const elsewhere = await receiver()
    there.answer = () => ({ status: 307, headers: { location: elsewhere.url } })
    const error = await failure(target().tell(request(1), 'Pending', undefined))
    expect(error.message).toContain('Redirects are not followed')
    expect(elsewhere.received).toEqual([])
    await elsewhere.close()
  })

  test('and does not answer at all is given up in time', async () => {
    there.answer = () => 'silence'
    const error = await failure(target({ timeoutMs: 100 }).tell(request(1), 'Pending', undefined))
    expect(error.message).toContain('did not answer (in 0.1 s)')
  })

  test('because it is not there', async () => {
    const gone = target()
    await there.close()
    const error = await failure(gone.tell(request(1), 'Pending', undefined))
    expect(error.message).toContain('ECONNREFUSED')
    there = await receiver()
  })
})

describe('The secret', () => {
  test('is changed without a restart, and both count while both are there', async () => {
    const next = randomBytes(32)
    const one = target()
    await one.tell(request(1), 'Pending', undefined)
    const both = [key, next].map((each) => `whsec_${each.toString('base64')}`).join('\n')
    await writeFile(file, both)
    clock += 1_000
    await one.tell(request(1), 'Pending', undefined)
    expect([isSigned(key, 1), isSigned(next, 1)]).toEqual([true, true])
    expect([isSigned(key, 0), isSigned(next, 0)]).toEqual([true, false])
  })

  test.each(['', 'hunter2hunter2', 'whsec_c2hvcnQ=', `whsec_${'A'.repeat(40)}\nx`])(
    'of another form is refused without being shown: %j',
    async (text) => {
      await writeFile(file, text)
      const error = await failure(target().tell(request(1), 'Pending', undefined))
      expect(error.message).toContain("is not a webhook's secret")
      expect(there.received).toEqual([])
      for (const word of text.split('\n').filter((each) => each.length > 6))
        expect(error.message).not.toContain(word)
    },
  )

  test('that is not there is told with its path', async () => {
    await rm(file)
    const error = await failure(target().tell(request(1), 'Pending', undefined))
    expect(error.message).toContain(`${file}, a webhook's secret, cannot be read (ENOENT)`)
  })
})
