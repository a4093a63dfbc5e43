import { describe, expect, test } from 'vitest'

import type { Bundle } from '../../../sidecar/control/bundle.ts'
import { BrokerError } from '../../../sidecar/control/broker-error.ts'
import { BundleSource } from '../../../sidecar/control/bundle-source.ts'
import { Follower } from '../../../sidecar/control/follower.ts'
import type { Acknowledgement } from '../../../sidecar/control/protocol.ts'
import { testPod } from '../../support/broker/fake-broker.ts'
import { testBundle } from '../../support/broker/linked.ts'
import { eventually } from '../../support/gateway.ts'

const first = testBundle('FIRST')
const second = testBundle('SECOND')
const all = new Map<string, Bundle>([first, second].map((bundle) => [bundle.digest, bundle]))
const { signal } = new AbortController()

function following(onBundle: () => Promise<void> = () => Promise.resolve()) {
  const asked: string[] = []
  const acks: Acknowledgement[] = []
  const faults: unknown[] = []
  const gateway = {
    apply: (bundle: Bundle) => note(`apply ${bundle.connection.user}`),
    stopSuspended: ({ connection: { suspend } }: Bundle) => {
      if (suspend !== undefined) asked.push(`stop ${suspend.reason ?? ''}`)
    },
    suspend: (reason: string) => note(`suspend ${reason}`),
    revoke: (reason: string) =>
      reason === 'break' ? Promise.reject(new Error('stuck')) : note(`revoke ${reason}`),
    prove: () => note('prove'),
  }
  const source = Object.assign(Object.create(BundleSource.prototype) as BundleSource, {
    bundle: async (digest: string) => {
      await onBundle()
      return all.get(digest)
    },
    maskKeys: () => Promise.resolve(new Map()),
    acknowledge: (given: Acknowledgement) => {
      acks.push(given)
      return Promise.resolve()
    },
  })
  const follower = new Follower({
    gateway,
    source,
    pod: () => testPod,
    onState: () => undefined,
    onRejected: () => undefined,
    onFault: (error) => faults.push(error),
  })
  return { follower, asked, acks, faults, source }

  function note(what: string): Promise<void> {
    asked.push(what)
    return Promise.resolve()
  }
}

describe('A follower of the operator', () => {
  test('asks nothing of the gateway that the state table does not', async () => {
    const { follower, asked, acks } = following()
    await expect(follower.follow(first.digest, signal)).resolves.toBe(false)
    follower.tell({ name: 'enrolled' })
    follower.tell({ name: 'revoked', reason: 'gone' })
    await expect(follower.follow(first.digest, signal)).resolves.toBe(false)
    expect(asked).toEqual([])
    expect(acks).toEqual([])
  })

  test('closes no gateway that there is not yet', async () => {
    const { follower, asked } = following()
    follower.tell({ name: 'enrolled' })
    follower.tell({ name: 'closed', reason: 'not yet' })
    await follower.settled()
    expect(asked).toEqual([])
    await expect(follower.follow(first.digest, signal)).resolves.toBe(true)
    expect(asked).toEqual(['apply FIRST'])
  })

  test('leaves a bundle that another overtakes', async () => {
    const slow = Promise.withResolvers<undefined>()
    let calls = 0
    const { follower, asked, acks } = following(async () => {
      calls += 1
      if (calls === 1) await slow.promise
    })
    follower.tell({ name: 'enrolled' })
    const overtaken = follower.follow(first.digest, signal)
    await follower.follow(second.digest, signal)
    slow.resolve(undefined)
    await expect(overtaken).resolves.toBe(false)
    expect(asked).toEqual(['apply SECOND'])
    expect(acks.map(({ digest }) => digest)).toEqual([second.digest])
  })

  test('takes nothing for done that another overtakes while it is acknowledged', async () => {
    const slow = Promise.withResolvers<undefined>()
    const { follower, acks } = following()
    follower.tell({ name: 'enrolled' })
    acks.push = (ack) => {
      acks[acks.length] = ack
      if (acks.length === 1) void follower.follow(second.digest, signal).then(slow.resolve as never)
      return acks.length
    }
    await expect(follower.follow(first.digest, signal)).resolves.toBe(false)
    await slow.promise
    expect(follower.bundle?.digest).toBe(second.digest)
  })

  test('acknowledges what is in force already without applying it again', async () => {
    const { follower, asked, acks } = following()
    follower.tell({ name: 'enrolled' })
    await follower.follow(first.digest, signal)
    await follower.follow(first.digest, signal)
    expect(asked).toEqual(['apply FIRST'])
    expect(acks).toHaveLength(2)
  })

  test('tells of an operator that cannot be asked, and changes nothing', async () => {
    const away = new BrokerError('away', { transient: true })
    const { follower, asked, acks } = following(() => Promise.reject(away))
    follower.tell({ name: 'enrolled' })
    await expect(follower.follow(first.digest, signal)).rejects.toBe(away)
    expect([asked, acks]).toEqual([[], []])
    expect(follower.state.name).toBe('Waiting')
  })

  test('stops whom a bundle suspends before it has the keys that go with it, and once it cannot have them', async () => {
    const reason = 'incident 4711'
    const suspend = { all: true, principals: [], reason }
    const third = testBundle('THIRD', { suspend })
    all.set(third.digest, third)
    const keys = Promise.withResolvers<ReadonlyMap<string, Uint8Array>>()
    const { follower, asked, acks, source } = following()
    follower.tell({ name: 'enrolled' })
    await follower.follow(first.digest, signal)
    Object.assign(source, { maskKeys: () => keys.promise })
    const followed = follower.follow(third.digest, signal)
    await eventually(() => asked.includes(`stop ${reason}`))
    expect(asked).toEqual(['apply FIRST', `stop ${reason}`])
    keys.reject(new Error('there are none'))
    await followed
    expect(asked).toEqual(['apply FIRST', `stop ${reason}`])
    expect(acks.at(-1)).toMatchObject({ digest: third.digest, accepted: false })
  })

  test('stops nobody by a bundle that a later notice made void', async () => {
    const fetched = Promise.withResolvers<undefined>()
    const third = testBundle('THIRD', { suspend: { all: true, principals: [], reason: 'late' } })
    all.set(third.digest, third)
    let slow = true
    const { follower, asked } = following(() =>
      slow ? fetched.promise.then(() => undefined) : Promise.resolve(),
    )
    follower.tell({ name: 'enrolled' })
    const late = follower.follow(third.digest, signal)
    slow = false
    await follower.follow(first.digest, signal)
    fetched.resolve(undefined)
    await late
    expect(asked).toEqual(['apply FIRST'])
  })

  test('tells of a gateway that cannot be closed', async () => {
    const { follower, faults } = following()
    follower.tell({ name: 'enrolled' })
    await follower.follow(first.digest, signal)
    follower.tell({ name: 'revoked', reason: 'break' })
    await eventually(() => faults.length === 1)
    expect(String(faults[0])).toContain('stuck')
  })
})
