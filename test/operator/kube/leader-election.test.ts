import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { KubeClient } from '../../../operator/kube/client.ts'
import { leaderElection } from '../../../operator/kube/leader-election.ts'
import type { LeaderElection } from '../../../operator/kube/leader-election.ts'
import type { Lease } from '../../../operator/kube/lease-record.ts'
import type { FakeApiServer } from '../../support/fake-api-server/server.ts'
import { fakeApiServer } from '../../support/fake-api-server/server.ts'
import { FakeClock } from './fake-clock.ts'

interface Replica {
  readonly election: LeaderElection
  readonly log: string[]
  readonly problems: unknown[]
  /** Its own way to the server, which can be cut. */
  readonly way: { cut: boolean }
}

interface Scene {
  readonly server: FakeApiServer
  readonly clock: FakeClock
  readonly join: (identity: string, work?: (signal: AbortSignal) => Promise<void>) => Replica
  readonly pass: (ms: number) => Promise<void>
  readonly spec: () => Lease['spec']
}

async function scene(use: (scene: Scene) => Promise<void>): Promise<void> {
  const server = await fakeApiServer()
  const clock = new FakeClock()
  const replicas: Replica[] = []
  const clients: KubeClient[] = []
  const join: Scene['join'] = (identity, work) => {
    const log: string[] = []
    const problems: unknown[] = []
    const way = { cut: false }
    const access = server.access()
    const client = new KubeClient({
      current: () =>
        way.cut ? Promise.reject(new Error('no way to the server')) : access.current(),
      renew: () => {
        access.renew()
      },
    })
    clients.push(client)
    const replica: Replica = {
      log,
      problems,
      way,
      election: leaderElection(client, {
        namespace: 'frostgate',
        name: 'operator',
        identity,
        clock,
        random: () => 0,
        onLeading: async (signal) => {
          log.push(`leads at ${clock.now()}`)
          signal.addEventListener('abort', () => log.push(`stops at ${clock.now()}`))
          await work?.(signal)
        },
        onLost: () => log.push('lost'),
        onProblem: (error) => problems.push(error),
      }),
    }
    replicas.push(replica)
    return replica
  }
  // Real requests over loopback, for which the fake clock waits.
  const settle = async () => {
    let asked = -1
    for (let quiet = 0; quiet < 5; quiet += 1) {
      await delay(3)
      if (server.inFlight > 0 || server.requests.length !== asked) quiet = 0
      asked = server.requests.length
    }
  }
  const pass = (ms: number) => clock.advance(ms, settle)
  const spec = () =>
    (server.objects.find('leases', 'frostgate', 'operator') as Lease | undefined)?.spec
  try {
    await use({ server, clock, join, pass, spec })
  } finally {
    await Promise.all(replicas.map(({ election }) => election.stop()))
    await Promise.all(clients.map((client) => client.close()))
    await server.close()
  }
}

describe('Of several replicas', () => {
  test('one leads, renews every 2 s, and the other waits', async () => {
    await scene(async ({ server, join, pass, spec }) => {
      const a = join('a')
      await pass(0)
      const b = join('b')
      await pass(30_000)
      expect(a.election.isLeader).toBe(true)
      expect(b.election.isLeader).toBe(false)
      expect(a.log).toEqual(['leads at 0'])
      expect(b.log).toEqual([])
      expect(spec()).toMatchObject({
        holderIdentity: 'a',
        leaseDurationSeconds: 15,
        leaseTransitions: 1,
      })
      expect(spec()?.renewTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
      expect(server.requests.filter(({ verb }) => verb === 'update')).toHaveLength(15)
    })
  })

  test('of two that come at once exactly one leads', async () => {
    await scene(async ({ join, pass }) => {
      const both = [join('a'), join('b')]
      await pass(10_000)
      expect(both.filter(({ election }) => election.isLeader)).toHaveLength(1)
    })
  })

  test('one whose leader is cut off takes over, after that one stopped its work', async () => {
    await scene(async ({ join, pass, clock }) => {
      const a = join('a')
      await pass(0)
      const b = join('b')
      await pass(4000)
      a.way.cut = true
      await pass(30_000)
      expect(a.log).toEqual(['leads at 0', 'stops at 14000', 'lost'])
      const took = Number(b.log[0]?.replace('leads at ', ''))
      // Last renewed at 4 s, and then left alone for 15 s of the observer's own time.
      expect(took).toBeGreaterThanOrEqual(19_000)
      expect(took).toBeLessThanOrEqual(23_000)
      a.way.cut = false
      await pass(10_000)
      expect(a.election.isLeader).toBe(false)
      expect(b.election.isLeader).toBe(true)
      expect(clock.now()).toBe(44_000)
    })
  })

  test('one that stops gives the Lease to the next at once', async () => {
    await scene(async ({ join, pass, spec }) => {
      const a = join('a')
      await pass(0)
      const b = join('b')
      await pass(0)
      await a.election.stop()
      expect(a.log).toEqual(['leads at 0', 'stops at 0', 'lost'])
      expect(spec()).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 })
      await pass(2000)
      expect(b.log).toEqual(['leads at 2000'])
      expect(spec()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 2 })
    })
  })

  test('no date that another wrote into the Lease counts', async () => {
    await scene(async ({ server, join, pass }) => {
      const renewTime = '2999-01-01T00:00:00.000000Z'
      const spec = { holderIdentity: 'gone', leaseDurationSeconds: 15, renewTime }
      server.objects.put('leases', { metadata: { namespace: 'frostgate', name: 'operator' }, spec })
      const a = join('a')
      await pass(14_000)
      expect(a.election.isLeader).toBe(false)
      await pass(2000)
      expect(a.election.isLeader).toBe(true)
    })
  })
})

describe('A leader', () => {
  test('that was stopped for a while knows that it leads no more before it does anything', async () => {
    await scene(async ({ join, pass, clock }) => {
      const a = join('a')
      await pass(0)
      expect(a.election.isLeader).toBe(true)
      clock.jump(10_000)
      expect(a.election.isLeader).toBe(false)
    })
  })

  test('whose Lease was taken by somebody else stops at once', async () => {
    await scene(async ({ server, join, pass }) => {
      const a = join('a')
      await pass(1000)
      const spec = { holderIdentity: 'thief', leaseDurationSeconds: 15 }
      server.objects.put('leases', { metadata: { namespace: 'frostgate', name: 'operator' }, spec })
      await pass(4000)
      expect(a.log).toEqual(['leads at 0', 'stops at 4000', 'lost'])
    })
  })

  test('survives one lost renewal', async () => {
    await scene(async ({ server, join, pass }) => {
      const a = join('a')
      await pass(0)
      server.fail('serverError', ['update', 'get'], { times: 2 })
      await pass(8000)
      expect(a.log).toEqual(['leads at 0'])
      expect(a.problems).toHaveLength(2)
      expect(a.election.isLeader).toBe(true)
    })
  })

  test('whose renewal comes after its deadline begins its work anew: it missed what changed', async () => {
    await scene(async ({ server, join, pass }) => {
      const a = join('a')
      await pass(0)
      server.fail('serverError', ['update', 'get'], { times: 4 })
      await pass(12_000)
      expect(a.log).toEqual(['leads at 0', 'stops at 10000', 'lost', 'leads at 10000'])
      expect(a.election.isLeader).toBe(true)
    })
  })

  test('does not begin again before its earlier work is over', async () => {
    await scene(async ({ server, join, pass }) => {
      let finish: () => void = () => undefined
      const a = join('a', () => new Promise((resolve) => (finish = resolve)))
      await pass(0)
      server.fail('serverError', ['update', 'get'], { times: 7 })
      await pass(40_000)
      expect(a.log).toEqual(['leads at 0', 'stops at 10000'])
      finish()
      await pass(6000)
      expect(a.log.slice(2)).toEqual(['lost', expect.stringMatching(/^leads at/)])
      finish()
    })
  })

  test('whose work fails gives up the Lease', async () => {
    await scene(async ({ join, pass, spec }) => {
      let failed = false
      const a = join('a', () => {
        if (failed) return Promise.resolve()
        failed = true
        return Promise.reject(new Error('no disk'))
      })
      await pass(0)
      expect(spec()).toMatchObject({ holderIdentity: '' })
      expect(a.problems).toEqual([new Error('no disk')])
      await pass(6000)
      expect(a.election.isLeader).toBe(true)
    })
  })
})
