import { setImmediate as turn } from 'node:timers/promises'

import { expect, test, vi } from 'vitest'

import { WorkQueue } from '../../../operator/approvals/work-queue.ts'

const many = Array.from({ length: 5_000 }, (_, index) => `item-${index}`)
const same = (item: string): string => item

test('what has changed comes before what is looked through, and nothing comes twice', async () => {
  const done: string[] = []
  const queue = new WorkQueue<string>(
    same,
    async (item) => {
      done.push(item)
      await Promise.resolve()
    },
    () => undefined,
  )
  queue.addAll(many)
  await turn()
  const before = done.length
  expect(before).toBeLessThan(many.length / 2)
  queue.add('item-4999')
  queue.add('another')
  await vi.waitFor(() => {
    expect(done).toHaveLength(many.length + 1)
  })
  expect(done.indexOf('item-4999')).toBeLessThan(before + 100)
  expect(done.indexOf('another')).toBeLessThan(before + 100)
  expect(new Set(done).size).toBe(done.length)
})

test('thousands do not keep the process from anything else', async () => {
  let done = 0
  const queue = new WorkQueue<string>(
    same,
    async () => {
      done += 1
      await Promise.resolve()
    },
    () => undefined,
  )
  queue.addAll(many)
  const turns: number[] = []
  while (done < many.length) {
    await turn()
    turns.push(done)
  }
  const steps = turns.map((at, index) => at - (turns[index - 1] ?? 0))
  expect(Math.max(...steps)).toBeLessThan(200)
})

test('nothing is begun once it stops', async () => {
  const done: string[] = []
  const queue = new WorkQueue<string>(
    same,
    async (item) => {
      done.push(item)
      await turn()
    },
    () => undefined,
  )
  queue.addAll(many)
  await turn()
  await queue.stop()
  const { length } = done
  queue.add('one more')
  queue.addAll(many)
  await turn()
  await turn()
  expect(done).toHaveLength(length)
})
