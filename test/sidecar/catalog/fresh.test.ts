/** Reads that begin after they were asked for, shared by all who may. */

import fc from 'fast-check'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'

import { freshReads } from '../../../sidecar/catalog/fresh.ts'

/** Answers by hand, in the order in which the reads began. */
function source() {
  const began: PromiseWithResolvers<number>[] = []
  const read = (): Promise<number> => {
    const answer = Promise.withResolvers<number>()
    began.push(answer)
    return answer.promise
  }
  return { began, read }
}

test('two begin at once; all who come then share one that begins when either has ended', async () => {
  const { began, read } = source()
  const fresh = freshReads<number>()
  const asked = Array.from({ length: 16 }, () => fresh('T', read))
  expect(began).toHaveLength(2)
  began[1]?.resolve(1)
  expect(await asked[1]).toBe(1)
  expect(began).toHaveLength(3)
  // It has begun: what is asked for now is not what it sees.
  const later = fresh('T', read)
  began[2]?.resolve(2)
  expect(await Promise.all(asked.slice(2))).toEqual(asked.slice(2).map(() => 2))
  expect(began).toHaveLength(4)
  began[3]?.resolve(3)
  expect(await later).toBe(3)
})

test('one that fails fails for those who share it, and for no others', async () => {
  const { began, read } = source()
  const fresh = freshReads<number>()
  const [one, two, ...shared] = Array.from({ length: 5 }, () => fresh('T', read))
  const other = fresh('U', read)
  began[0]?.reject(new Error('away'))
  await expect(one).rejects.toThrow('away')
  began[3]?.reject(new Error('still away'))
  for (const each of shared) await expect(each).rejects.toThrow('still away')
  began[1]?.resolve(1)
  began[2]?.resolve(2)
  expect(await Promise.all([two, other])).toEqual([1, 2])
})

test('whatever the order, what is told was read after it was asked for, by two at a time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 60 }), async (steps) => {
      let time = 0
      const open: (() => void)[] = []
      const fresh = freshReads<number>()
      const asked: Promise<void>[] = []
      const answer = async (which: number): Promise<void> => {
        open.splice(which % open.length, 1)[0]?.()
        await turn()
      }
      for (const step of steps) {
        time += 1
        if (step > 2 && open.length > 0) await answer(step)
        else {
          const at = time
          const read = (): Promise<number> => {
            const began = (time += 1)
            return new Promise((resolve) => {
              open.push(() => {
                resolve(began)
              })
            })
          }
          asked.push(
            fresh('T', read).then((began) => {
              expect(began).toBeGreaterThan(at)
            }),
          )
        }
        expect(open.length).toBeLessThanOrEqual(2)
      }
      while (open.length > 0) await answer(0)
      await Promise.all(asked)
    }),
  )
})
