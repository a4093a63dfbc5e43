import { expect, test } from 'vitest'

import { gate } from '../../../sidecar/catalog/gate.ts'

/** Work that waits to be let go, and counts how much of it runs. */
function counted() {
  const seen = { running: 0, most: 0, order: [] as number[] }
  const ends: (() => void)[] = []
  const work = (number: number, fails: boolean) => async (): Promise<number> => {
    seen.running += 1
    seen.most = Math.max(seen.most, seen.running)
    seen.order.push(number)
    await new Promise<void>((resolve) => ends.push(resolve))
    seen.running -= 1
    if (fails) throw new Error(String(number))
    return number
  }
  return { seen, ends, work }
}

test('no more run at a time than said, in the order they came, whether or not one fails', async () => {
  const { seen, ends, work } = counted()
  const pass = gate(3)
  const all = Array.from({ length: 20 }, (_, number) => pass(work(number, number % 4 === 1)))
  const settled = Promise.allSettled(all)
  for (let done = 0; done < 20; done += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    ends.shift()?.()
  }
  const outcomes = await settled
  expect(seen.most).toBe(3)
  expect(seen.order).toEqual(Array.from({ length: 20 }, (_, number) => number))
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(5)
})
