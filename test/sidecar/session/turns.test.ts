import fc from 'fast-check'
import { expect, test } from 'vitest'

import { Turns, type Turn } from '../../../sidecar/session/turns.ts'

const never = new AbortController().signal
const settle = () => new Promise((resolve) => setImmediate(resolve))

test('nothing that changes a session runs beside what was approved, and nobody is left over', async () => {
  const turn = fc.constantFrom<Turn>('changes', 'approved', 'both')
  const steps = fc.array(fc.record({ turn, leaves: fc.boolean(), endsAfter: fc.nat(4) }), {
    maxLength: 20,
  })
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const turns = new Turns()
      const running: Turn[] = []
      let ended = 0
      const each = all.map(async ({ turn: own, leaves, endsAfter }) => {
        const client = new AbortController()
        const taken = turns.take(own, client.signal)
        if (leaves) client.abort(new Error('left'))
        const end = await taken.catch(() => undefined)
        if (end !== undefined) {
          const beside = running.filter((other) =>
            own === 'both' || other === 'both' ? true : other !== own,
          )
          expect(beside).toEqual([])
          running.push(own)
          for (let tick = 0; tick < endsAfter; tick += 1) await settle()
          running.splice(running.indexOf(own), 1)
          end()
          end()
        }
        ended += 1
      })
      await Promise.all(each)
      expect(ended).toBe(all.length)
    }),
    { numRuns: 100 },
  )
})

test('of one kind many run at a time, and who comes later does not overtake', async () => {
  const turns = new Turns()
  const order: string[] = []
  const take = async (name: string, turn: Turn) => {
    const end = await turns.take(turn, never)
    order.push(name)
    return end
  }
  const first = await take('first', 'changes')
  const second = await take('second', 'changes')
  const third = take('third', 'approved')
  const fourth = take('fourth', 'changes')
  await settle()
  expect(order).toEqual(['first', 'second'])
  first()
  second()
  ;(await third)()
  ;(await fourth)()
  expect(order).toEqual(['first', 'second', 'third', 'fourth'])
})

test('who leaves while waiting is told why, and lets the next one in', async () => {
  const turns = new Turns()
  const end = await turns.take('changes', never)
  const client = new AbortController()
  const waiting = turns.take('approved', client.signal)
  const behind = turns.take('changes', never)
  client.abort(new Error('the client left'))
  await expect(waiting).rejects.toThrow('the client left')
  ;(await behind)()
  end()
})
