import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { systemClock } from '../../../sidecar/control/clock.ts'
import { startFakeBroker, type FakeBroker } from '../../support/broker/fake-broker.ts'
import {
  hurried,
  reaches,
  startLinked,
  testBundle,
  type Linked,
  type LinkedOptions,
} from '../../support/broker/linked.ts'
import { eventually } from '../../support/gateway.ts'

const first = testBundle('FIRST')
const second = testBundle('SECOND')

let broker: FakeBroker
let open: Linked[] = []

beforeEach(async () => {
  broker = await startFakeBroker(first)
})

afterEach(async () => {
  await Promise.all(open.map((linked) => linked.close()))
  open = []
  await broker.close()
})

async function linked(options?: LinkedOptions): Promise<Linked> {
  const started = await startLinked(broker, options)
  open.push(started)
  return started
}

describe('A sidecar and its operator', () => {
  test('it enrols with key and projected token, fetches the bundle, applies and acknowledges it', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    await eventually(() => broker.acks.length === 1)
    expect(one.states).toEqual(['Waiting', 'InForce'])
    expect(one.asked).toEqual(['apply FIRST'])
    expect(broker.acks).toEqual([{ digest: first.digest, accepted: true }])
    expect(broker.enrolments.map(({ token }) => token)).toEqual(['projected-1'])
    expect(broker.refused).toEqual([])
    expect(one.link.connected).toBe(true)
  })

  test('a new bundle is applied and acknowledged', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    broker.publish(second)
    await eventually(() => broker.acks.length === 2)
    expect(one.asked).toEqual(['apply FIRST', 'apply SECOND'])
    expect(one.link.digest).toBe(second.digest)
  })

  test('the key outlasts a restart, is for its owner alone, and is pinned by its thumbprint', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    await one.link.close()
    const again = await linked({ folder: one.folder })
    await reaches(again, 'InForce')
    expect(new Set(broker.enrolments.map(({ thumbprint }) => thumbprint)).size).toBe(1)
    expect((await stat(join(one.folder, 'key.json'))).mode & 0o777).toBe(0o600)
  })

  test('an operator that is away at the start is waited for', async () => {
    await broker.stop()
    const one = await linked()
    await eventually(() => {
      const { state } = one.link
      return state.name === 'Enrolling' && state.reason.includes('could not be reached')
    })
    await broker.resume()
    await reaches(one, 'InForce')
  })

  test('one killed during the enrolment is asked again', async () => {
    let kills = 4
    broker.fault = (path, response) => {
      if (path !== '/v1/enrol' || kills-- <= 0) return undefined
      response.destroy()
      return 'done'
    }
    const one = await linked()
    await reaches(one, 'InForce')
    expect(broker.calls.filter((call) => call === 'POST /v1/enrol').length).toBe(5)
  })

  test('the projected token is read again for each enrolment', async () => {
    broker.expiresIn = 1
    const one = await linked({ clock: hurried })
    await reaches(one, 'InForce')
    await writeFile(one.tokenFile, 'projected-2\n')
    await eventually(() => broker.enrolments.some(({ token }) => token === 'projected-2'), 3_000)
    expect(one.link.state.name).toBe('InForce')
    expect(one.asked).toEqual(['apply FIRST'])
  })

  test('an access token is renewed well before it expires, whatever the wall clock does', async () => {
    broker.expiresIn = 2
    let wall = Date.now()
    const one = await linked({ clock: { ...hurried, wall: () => wall } })
    await reaches(one, 'InForce')
    wall -= 86_400_000 * 365
    await eventually(() => broker.enrolments.length >= 3, 6_000)
    wall += 86_400_000 * 900
    const count = broker.enrolments.length
    await eventually(() => broker.enrolments.length > count, 3_000)
    expect(broker.refused).toEqual([])
    expect(one.states).toEqual(['Waiting', 'InForce'])
  })

  test('a sidecar whose clock is wrong gets in by the operator’s time', async () => {
    const one = await linked({ clock: { ...systemClock, wall: () => Date.now() - 7_200_000 } })
    await reaches(one, 'InForce')
    expect(broker.refused[0]).toContain('/v1/enrol')
  })

  test('an access token that is not taken any more is got anew', async () => {
    const one = await linked()
    await reaches(one, 'InForce')
    broker.expireTokens()
    broker.publish(second)
    await eventually(() => one.link.digest === second.digest)
    expect(broker.enrolments.length).toBe(2)
  })

  test.each([
    [
      'reset',
      () => {
        broker.reset()
      },
    ],
    [
      'ended by goodbye',
      () => {
        broker.send({ type: 'goodbye' })
      },
    ],
    [
      'half open',
      () => {
        broker.pingMs = 0
      },
    ],
    [
      'garbage',
      () => {
        broker.send('{"type":"ping"\n')
      },
    ],
    [
      'a notice of an unknown kind',
      () => {
        broker.send('{"type":"upgrade"}\n')
      },
    ],
    [
      'a notice with a field too many',
      () => {
        broker.send('{"type":"ping","now":1}\n')
      },
    ],
    [
      'a line without end',
      () => {
        broker.send('x'.repeat(300_000))
      },
    ],
  ])('a stream that is %s is opened again, and nothing was missed', async (_what, breakIt) => {
    // prettier-ignore
    const one = await linked()
    await reaches(one, 'InForce')
    broker.bundle = second
    breakIt()
    await eventually(() => one.link.digest === second.digest, 4_000)
    expect(one.states).toEqual(['Waiting', 'InForce'])
  })
})
