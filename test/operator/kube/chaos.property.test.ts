import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Change } from '../../../operator/kube/item-cache.ts'
import type { FaultName } from '../../support/fake-api-server/faults.ts'
import { withReflector } from '../../support/fake-api-server/reflecting.ts'

const watchFaults: readonly FaultName[] = [
  'resetWatch',
  'goneByStatus',
  'goneByEvent',
  'errorEvent',
  'unauthorized',
  'unavailable',
  'mute',
  'halfOpen',
  'halfLine',
  'garbage',
  'notAnObject',
  'slow',
  'serverError',
  'duplicated',
  'endsAtOnce',
]
const listFaults: readonly FaultName[] = [
  'slow',
  'serverError',
  'unavailable',
  'garbage',
  'goneByStatus',
]

const name = fc.constantFrom('a', 'b', 'c', 'd')
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ put: name, value: fc.nat(99) }) },
  { weight: 2, arbitrary: fc.record({ remove: name }) },
  { weight: 2, arbitrary: fc.record({ watch: fc.constantFrom(...watchFaults) }) },
  { weight: 1, arbitrary: fc.record({ list: fc.constantFrom(...listFaults) }) },
  { weight: 2, arbitrary: fc.record({ reset: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ compact: fc.constant(true) }) },
  { weight: 3, arbitrary: fc.record({ pause: fc.nat(60) }) },
)

describe('Whatever happens between a reflector and its server,', () => {
  test('afterwards it knows what the server has, and its listeners were told all of it', async () => {
    const timing = {
      idleMs: 150,
      backoff: { leastMs: 2, mostMs: 20 },
      listTimeoutMs: 300,
      auditMs: 40,
      auditGraceMs: 10,
    }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        await withReflector({ timing }, async ({ server, reflector, put, remove, converged }) => {
          const told = new Map<string, string>()
          let calls = 0
          reflector.onChange((changes) => {
            if ((calls += 1) % 3 === 0) throw new Error('sometimes')
            for (const change of changes) take(told, change)
          })
          for (const each of steps) {
            if ('put' in each) put(each.put, String(each.value))
            else if ('remove' in each) remove(each.remove)
            else if ('watch' in each) server.fail(each.watch, 'watch', { delayMs: 10 })
            else if ('list' in each) server.fail(each.list, 'list', { delayMs: 10 })
            else if ('reset' in each) server.resetWatches()
            else if ('compact' in each) server.compact()
            else await delay(each.pause)
          }
          await converged()
          await delay(60)
          expect([...told].sort()).toEqual([...reflector.items()].sort())
        })
      }),
      { numRuns: 25, endOnFailure: true },
    )
  })
})

/** A listener that keeps its own books, and is strict about what it is told. */
function take(told: Map<string, string>, { type, key, item }: Change<string>): void {
  if (type === 'Deleted') told.delete(key)
  else told.set(key, item)
}
