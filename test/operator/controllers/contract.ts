/** The status controller over any object store: the same cases run over each. */

import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { compileAll } from '../../../operator/compile/compile-all.ts'
import type { SidecarCounts } from '../../../operator/controllers/connection-status.ts'
import { StatusController } from '../../../operator/controllers/status-controller.ts'
import type { ObjectReference } from '../../../operator/store/object-store.ts'
import { connection, maskingRule, policy, secret } from '../compile/objects.ts'
import type { StoreUnderTest } from '../store/contract.ts'

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

const of = (kind: ObjectReference['kind'], name: string) => ({ kind, namespace: 'frostgate', name })
const sfc = of('SnowflakeConnection', 'acme')
const agp = of('AgentPolicy', 'agents')
const mkr = of('MaskingRule', 'ssn')

interface StatusRead {
  readonly bundle?: string
  readonly sidecars?: object
  readonly conditions?: readonly {
    readonly type: string
    readonly status: string
    readonly reason: string
  }[]
}

/** `make` gives a store that is not started, over the objects given, all in namespace "frostgate". */
export function controllerContract(
  name: string,
  make: (objects: readonly object[]) => Promise<StoreUnderTest>,
): void {
  describe(`Over ${name}, the status controller`, () => {
    let under: StoreUnderTest
    let controller: StatusController
    let sidecars: ReadonlyMap<string, SidecarCounts>
    let leads: boolean
    const errors = vi.fn()

    beforeEach(async () => {
      under = await make([
        connection('acme'),
        policy('agents', 'acme'),
        maskingRule('ssn', 'acme'),
        secret('acme-key', { privateKey }),
      ])
      const { store } = under
      await store.start()
      sidecars = new Map()
      leads = true
      controller = new StatusController(
        store,
        {
          compiled: () => compileAll(store.snapshot()),
          sidecars: () => sidecars,
          isLeader: () => leads,
          onError: errors,
        },
        { settle: 10 },
      )
    })

    afterEach(async () => {
      await controller.stop()
      expect(errors).not.toHaveBeenCalled()
      await under.store.stop()
      await under.close()
    })

    const statusOf = async (reference: ObjectReference): Promise<StatusRead> =>
      (await under.statusOf(reference)) ?? {}
    const readyOf = async (reference: ObjectReference) => {
      const { conditions = [] } = await statusOf(reference)
      const ready = conditions.find(({ type }) => type === 'Ready')
      return `${ready?.status ?? ''} ${ready?.reason ?? ''}`
    }
    const eventually = (reference: ObjectReference, ready: string) =>
      vi.waitFor(
        async () => {
          expect(await readyOf(reference)).toBe(ready)
        },
        { timeout: 5_000, interval: 20 },
      )

    test('says of each object what became of it', async () => {
      controller.start()
      await eventually(sfc, 'True Open')
      await eventually(agp, 'True Programmed')
      await eventually(mkr, 'True Programmed')
      expect((await statusOf(sfc)).bundle).toMatch(/^sha256:/)
    })

    test('says it again when an object changes, at the object and at its target', async () => {
      controller.start()
      await eventually(sfc, 'True Open')
      await under.put(
        policy(
          'agents',
          'acme',
          { subjects: [{ provider: 'x', groups: ['z'] }] },
          { generation: 2 },
        ),
      )
      await eventually(agp, 'False Invalid')
      await eventually(sfc, 'False CompileFailed')
      await eventually(mkr, 'False TargetClosed')
      await under.put(policy('agents', 'acme', {}, { generation: 3 }))
      await eventually(sfc, 'True Open')
      await eventually(agp, 'True Programmed')
    })

    test('says of a malformed object that it is, and why its target is closed', async () => {
      await under.put(maskingRule('ssn', 'acme', { mask: {} }))
      controller.start()
      await eventually(mkr, 'False Invalid')
      await eventually(sfc, 'False CompileFailed')
    })

    test('counts sidecars', async () => {
      controller.start()
      await eventually(sfc, 'True Open')
      sidecars = new Map([['frostgate/acme', { connected: 3, inSync: 2 }]])
      controller.trigger()
      await vi.waitFor(async () => {
        expect((await statusOf(sfc)).sidecars).toEqual({ connected: 3, inSync: 2 })
      })
    })

    test('writes only what changed, and only while it leads', async () => {
      leads = false
      const write = vi.spyOn(under.store, 'writeStatus')
      controller.start()
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(write).not.toHaveBeenCalled()
      leads = true
      controller.trigger()
      await eventually(sfc, 'True Open')
      await eventually(mkr, 'True Programmed')
      const calls = write.mock.calls.length
      expect(calls).toBe(3)
      controller.trigger()
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(write).toHaveBeenCalledTimes(calls)
    })
  })
}
