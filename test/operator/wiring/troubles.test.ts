/** An operator that serves, while its API server fails in every way it can be made to. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { FakeApiServer } from '../../support/fake-api-server/server.ts'
import {
  all,
  annotated,
  becomesReady,
  bundleInStatus,
  clusterInMemory,
  expectClosed,
  narrower,
  put,
  soon,
  wholeOperator,
  type WholeOperator,
  type WholeOptions,
} from './whole-operator.ts'

let server: FakeApiServer
const open: WholeOperator[] = []

beforeEach(async () => {
  server = await clusterInMemory()
})

afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
  await server.close()
})

async function started(options: WholeOptions = {}): Promise<WholeOperator> {
  const operator = await wholeOperator(server, options)
  open.push(operator)
  await becomesReady(operator)
  return operator
}

interface Trouble {
  readonly begin: (server: FakeApiServer) => void
  /** Whether a sidecar can be let in while it lasts. */
  readonly enrols: boolean
}

const times = 10_000
const troubles: Readonly<Record<string, Trouble>> = {
  'answers 429 with Retry-After to everything': {
    begin: (faulty) => {
      faulty.fail('tooManyRequests', all, { times, retryAfter: 1 })
      faulty.resetWatches()
    },
    enrols: false,
  },
  'answers 503 to everything': {
    begin: (faulty) => {
      faulty.fail('unavailable', all, { times })
      faulty.resetWatches()
    },
    enrols: false,
  },
  'resets watches as soon as they are open': {
    begin: (faulty) => {
      faulty.fail('resetWatch', 'watch', { times, delayMs: 1 })
      faulty.resetWatches()
    },
    enrols: true,
  },
  'has forgotten every version, by status': {
    begin: (faulty) => {
      faulty.fail('goneByStatus', 'watch', { times })
      faulty.resetWatches()
    },
    enrols: true,
  },
  'has forgotten every version, by event': {
    begin: (faulty) => {
      faulty.fail('goneByEvent', 'watch', { times })
      faulty.resetWatches()
    },
    enrols: true,
  },
  'sends garbage for events': {
    begin: (faulty) => {
      faulty.fail('garbage', 'watch', { times })
      faulty.resetWatches()
    },
    enrols: true,
  },
  'lists slowly after forgetting': {
    begin: (faulty) => {
      faulty.compact()
      faulty.fail('slow', 'list', { times, delayMs: 400 })
      faulty.resetWatches()
    },
    enrols: true,
  },
  'keeps watches open and says nothing': {
    begin: (faulty) => {
      faulty.fail('halfOpen', 'watch', { times })
      faulty.resetWatches()
    },
    enrols: true,
  },
}

describe.for(Object.entries(troubles))('An operator whose API server %s', ([, trouble]) => {
  test('opens nothing, and has every change in force once that is over', async () => {
    const operator = await started()
    await operator.createPod(annotated())
    await soon(() => {
      expect(bundleInStatus(server)).toMatch(/^sha256/)
    })
    const before = bundleInStatus(server)
    trouble.begin(server)
    put(server, narrower)
    await expectClosed(operator)
    const sidecar = await operator.sidecar()
    const enrolled = await Promise.race([
      sidecar.enrol('pod:runner').catch(() => ({ status: 0 })),
      new Promise<{ status: number }>((resolve) =>
        setTimeout(
          () => {
            resolve({ status: 0 })
          },
          trouble.enrols ? 5_000 : 700,
        ),
      ),
    ])
    expect(enrolled.status === 200).toBe(trouble.enrols)
    expect(await operator.health('/healthz')).toMatchObject({ status: 200 })
    server.heal()
    await soon(() => {
      expect(bundleInStatus(server)).toMatch(/^sha256/)
      expect(bundleInStatus(server)).not.toBe(before)
    }, 9_000)
    // The broker lets a pod try again after some seconds only; another pod may come at once.
    await operator.createPod(annotated('later'))
    const later = await operator.sidecar()
    expect(await later.enrol('pod:later')).toMatchObject({ status: 200 })
  })
})

describe('An operator whose token is not accepted any more', () => {
  test('goes on as soon as a new one can be read', async () => {
    let token = 'first'
    server.token = 'first'
    const operator = await started({ readToken: () => token })
    await soon(() => {
      expect(bundleInStatus(server)).toMatch(/^sha256/)
    })
    const before = bundleInStatus(server)
    server.token = 'second'
    server.resetWatches()
    put(server, narrower)
    await expectClosed(operator)
    const sidecar = await operator.sidecar()
    expect((await sidecar.enrol('pod:runner')).status).not.toBe(200)
    token = 'second'
    await soon(() => {
      expect(bundleInStatus(server)).not.toBe(before)
    }, 9_000)
  })
})
