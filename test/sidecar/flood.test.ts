import { expect, test, vi } from 'vitest'

import { Flood } from '../../sidecar/flood.ts'

function fixture() {
  const clock = { now: 0 }
  const record = vi.fn(() => Promise.resolve())
  const onSuppressed = vi.fn()
  const delay = vi.fn(() => Promise.resolve())
  const failed = new Flood({ steady: () => clock.now, onSuppressed, delay, perWindow: 20 })
  const fail = async (times: number): Promise<void> => {
    for (let count = 0; count < times; count += 1) await failed.refused(record)
  }
  return { clock, record, onSuppressed, delay, failed, fail }
}

test('refused logins are recorded, and answered at once', async () => {
  const { clock, record, onSuppressed, delay, fail } = fixture()
  for (let minute = 0; minute < 5; minute += 1) {
    await fail(20)
    clock.now += 60_000
  }
  expect(record).toHaveBeenCalledTimes(100)
  expect(delay).not.toHaveBeenCalled()
  expect(onSuppressed).not.toHaveBeenCalled()
})

test('of a loop only the first are recorded; the rest are late, and told as one number', async () => {
  const { clock, record, onSuppressed, delay, fail } = fixture()
  await fail(500)
  expect(record).toHaveBeenCalledTimes(20)
  expect(delay).toHaveBeenCalledTimes(480)
  expect(onSuppressed).not.toHaveBeenCalled()
  clock.now += 10_000
  await fail(1)
  expect(onSuppressed.mock.calls).toEqual([[480, 10]])
  expect(record).toHaveBeenCalledTimes(21)
})

test('a loop that stopped is told of when the window is over, or the gateway stops', async () => {
  const { clock, onSuppressed, failed, fail } = fixture()
  await fail(30)
  failed.flushIfOver()
  expect(onSuppressed).not.toHaveBeenCalled()
  clock.now += 10_000
  failed.flushIfOver()
  expect(onSuppressed.mock.calls).toEqual([[10, 10]])
  await fail(21)
  failed.flush()
  expect(onSuppressed).toHaveBeenCalledTimes(2)
  failed.flush()
  expect(onSuppressed).toHaveBeenCalledTimes(2)
})
