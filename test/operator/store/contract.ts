/** What every object store does, wherever its objects are: the same cases run over each. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ObjectReference, ObjectStore } from '../../../operator/store/object-store.ts'
import { describeObject } from '../../../operator/store/objects.ts'
import { connection, maskingRule, policy, secret } from '../compile/objects.ts'

/** A store with a hand on what is behind it. */
export interface StoreUnderTest {
  readonly store: ObjectStore
  /** Puts an object there, in place of one of the same kind and name. It may be malformed. */
  put(object: object): Promise<void>
  remove(reference: Pick<ObjectReference, 'kind' | 'name'>): Promise<void>
  /** The status that was written, as somebody else reads it. */
  statusOf(reference: ObjectReference): Promise<unknown>
  /** Ends what is behind the store; the store itself is stopped before. */
  close(): Promise<void>
}

const acme: ObjectReference = { kind: 'SnowflakeConnection', namespace: 'frostgate', name: 'acme' }

/** `make` gives a store that is not started, over the objects given, all in namespace "frostgate". */
export function storeContract(
  name: string,
  make: (objects: readonly object[]) => Promise<StoreUnderTest>,
): void {
  describe(`${name}, as any object store,`, () => {
    let under: StoreUnderTest
    let store: ObjectStore

    beforeEach(async () => {
      under = await make([
        connection('acme'),
        policy('agents', 'acme'),
        maskingRule('ssn', 'acme'),
        secret('acme-key', { privateKey: 'x' }),
      ])
      store = under.store
    })

    afterEach(async () => {
      await store.stop()
      await under.close()
    })

    const names = () => {
      const { connections, policies, maskingRules, secrets } = store.snapshot().objects
      return [...connections, ...policies, ...maskingRules, ...secrets]
        .map(({ object }) => describeObject(object))
        .toSorted()
    }
    const all = [
      'AgentPolicy frostgate/agents',
      'MaskingRule frostgate/ssn',
      'Secret frostgate/acme-key',
      'SnowflakeConnection frostgate/acme',
    ]
    const change = async (act: () => Promise<void>, until: () => void) => {
      await act()
      await vi.waitFor(until, { timeout: 5_000, interval: 20 })
    }

    test('knows all objects once it has started, and none before', async () => {
      expect(store.synced).toBe(false)
      expect(names()).toEqual([])
      await store.start()
      expect(store.synced).toBe(true)
      expect(names()).toEqual(all)
    })

    test('fills in defaults', async () => {
      await store.start()
      expect(store.snapshot().objects.connections[0]?.object.spec.maxStale).toBe('10m')
    })

    test('gives the same snapshot until something changes', async () => {
      await store.start()
      const before = store.snapshot()
      expect(store.snapshot()).toBe(before)
      await change(
        () => under.put(policy('more', 'acme')),
        () => {
          expect(store.snapshot()).not.toBe(before)
        },
      )
      expect(names()).toContain('AgentPolicy frostgate/more')
    })

    test('tells of an object that is added, changed or removed, and no more once it is asked to stop', async () => {
      await store.start()
      const listener = vi.fn()
      const unsubscribe = store.onChange(listener)
      await change(
        () => under.put(policy('agents', 'acme', { mode: 'Observe' }, { generation: 2 })),
        () => {
          expect(store.snapshot().objects.policies[0]?.object.spec.mode).toBe('Observe')
          expect(listener).toHaveBeenCalled()
        },
      )
      await change(
        () => under.remove({ kind: 'MaskingRule', name: 'ssn' }),
        () => {
          expect(names()).not.toContain('MaskingRule frostgate/ssn')
        },
      )
      unsubscribe()
      const calls = listener.mock.calls.length
      await change(
        () => under.put(policy('more', 'acme')),
        () => {
          expect(names()).toContain('AgentPolicy frostgate/more')
        },
      )
      expect(listener).toHaveBeenCalledTimes(calls)
    })

    test('keeps a malformed object apart, with what is wrong and whom it is about', async () => {
      await store.start()
      await change(
        () => under.put(maskingRule('bad', 'acme', { mask: {} })),
        () => {
          expect(store.snapshot().malformed).toHaveLength(1)
        },
      )
      const [malformed] = store.snapshot().malformed
      expect(malformed).toMatchObject({
        kind: 'MaskingRule',
        namespace: 'frostgate',
        name: 'bad',
        connection: 'acme',
      })
      expect(malformed?.problems.map(({ field, object }) => [object, field])).toEqual([
        ['MaskingRule frostgate/bad', 'spec.mask'],
      ])
      expect(names()).toEqual(all)
    })

    test('takes a malformed object among the others once it is corrected', async () => {
      await under.put(maskingRule('bad', 'acme', { mask: {} }))
      await store.start()
      expect(store.snapshot().malformed).toHaveLength(1)
      await change(
        () => under.put(maskingRule('bad', 'acme')),
        () => {
          expect(names()).toContain('MaskingRule frostgate/bad')
        },
      )
      expect(store.snapshot().malformed).toEqual([])
    })

    test('writes the status of an object', async () => {
      await store.start()
      const status = { auth: 'keyPair', sidecars: { connected: 2, inSync: 1 } }
      await store.writeStatus(acme, status)
      expect(await under.statusOf(acme)).toMatchObject(status)
    })

    test('calls nobody once it has stopped', async () => {
      await store.start()
      const listener = vi.fn()
      store.onChange(listener)
      await store.stop()
      await under.put(policy('more', 'acme'))
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(listener).not.toHaveBeenCalled()
    })
  })
}
