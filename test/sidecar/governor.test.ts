import { describe, expect, test } from 'vitest'

import { temporaryRelation } from '../../sidecar/session/overlay.ts'
import { eventually } from '../support/gateway.ts'
import { governed, numbered, sessionUnder } from './governor-support.ts'

const recorded = () => governed(() => Promise.resolve())

describe('what governed before', () => {
  test('keeps its connections until the last statement that began under it has ended', async () => {
    const { governor, first } = recorded()
    const running = Promise.withResolvers<undefined>()
    const statement = governor.under(() => running.promise)
    await governor.apply(numbered(2))
    const second = governor.governance
    await governor.apply(numbered(3))
    // Under the second nothing runs, but a statement of the first may share what it has.
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect([first.catalogs.closed, second.catalogs.closed]).toEqual([false, false])
    running.resolve(undefined)
    await statement
    await eventually(() => first.catalogs.closed && second.catalogs.closed)
    expect(first.transport).toMatchObject({ closed: true })
    expect(governor.governance.catalogs.closed).toBe(false)
  })

  test('is all closed when the gateway closes, whatever runs', async () => {
    const { governor, first } = recorded()
    void governor.under(() => new Promise(() => undefined))
    await governor.apply(numbered(2))
    await governor.closeCatalogs()
    await governor.close()
    for (const { catalogs, transport } of [first, governor.governance]) {
      expect([catalogs, transport]).toMatchObject([{ closed: true }, { closed: true }])
    }
  })
})

describe('a statement that filled a temporary object under masks that are no more', () => {
  const relation = temporaryRelation({ name: { database: 'A', schema: 'B', name: 'T' }, kind: 'table', columns: [], body: null }) // prettier-ignore
  const mask = {
    name: 'm', namespace: 'n', columns: [{ database: 'A', schema: 'B', name: 'C', column: 'D' }],
    tags: [], subjects: [], exceptFor: [], method: { kind: 'redact' }, usage: 'Strict',
  } as const // prettier-ignore

  test.each([
    ['ends its session', [mask], 'masking rules changed'],
    ['leaves it open where they are the same', [], undefined],
  ])('%s', async (_what, masks, reason) => {
    const { governor, sessions, first } = recorded()
    const session = sessionUnder(first)
    sessions.add(session)
    await governor.apply({ ...numbered(2), masks })
    session.overlay.set('A.B.T', relation)
    governor.settle(session, first)
    if (reason === undefined) expect(session.endedBecause).toBeUndefined()
    else expect(session.endedBecause).toContain(reason)
    expect(sessions.has(session)).toBe(reason === undefined)
  })
})

test('a session that cannot be judged by a bundle ends, and the others go on under it', async () => {
  const { governor, sessions, first } = recorded()
  const [broken, good] = [sessionUnder(first), sessionUnder(first)]
  Object.assign(broken, { principal: null })
  for (const session of [broken, good]) sessions.add(session)
  expect(await governor.apply(numbered(2))).toEqual({ kept: 1, ended: 1 })
  expect(sessions.all()).toEqual([good])
  expect(good.epoch).toBe(governor.governance.epoch)
})

test('bundles are applied one after the other, in the order in which they came', async () => {
  const order: string[] = []
  let first = true
  const { governor } = governed(async (event) => {
    if (event.type !== 'bundle.applied') return
    // The disk takes longer over the first.
    if (first) {
      first = false
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
    order.push(`${event.previous} ${event.digest}`)
  })
  await Promise.all([2, 3, 4].map((n) => governor.apply(numbered(n))))
  expect(order).toEqual(['sha256:1 sha256:2', 'sha256:2 sha256:3', 'sha256:3 sha256:4'])
  expect(governor.governance.bundle.digest).toBe('sha256:4')
})
