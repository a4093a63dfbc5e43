import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { systemClock } from '../../../sidecar/control/clock.ts'
import { RecordingShipper } from '../../../sidecar/control/recording-shipper.ts'
import { refuse, startFakeBroker, type FakeBroker } from '../../support/broker/fake-broker.ts'
import { startLinked, testBundle, type Linked } from '../../support/broker/linked.ts'
import { eventually } from '../../support/gateway.ts'

let broker: FakeBroker
let one: Linked
let folder: string
let path: string
let durable: number
let shippers: RecordingShipper[]
let said: (string | undefined)[]

beforeEach(async () => {
  broker = await startFakeBroker(testBundle())
  one = await startLinked(broker)
  folder = await mkdtemp(join(tmpdir(), 'frostgate-ship-'))
  path = join(folder, 'recording.jsonl')
  await writeFile(path, '')
  durable = 0
  shippers = []
  said = []
})

afterEach(async () => {
  await Promise.all(shippers.map((shipper) => shipper.flush(10)))
  await one.close()
  await broker.close()
  await rm(folder, { recursive: true })
})

async function record(text: string): Promise<void> {
  await appendFile(path, text)
  durable += Buffer.byteLength(text)
}

function ship(): RecordingShipper {
  const shipper = new RecordingShipper({
    session: one.link.session,
    path,
    durable: () => durable,
    clock: systemClock,
    everyMs: 20,
    onState: (reason) => said.push(reason),
  })
  shippers.push(shipper)
  shipper.start()
  return shipper
}

const shipped = () => broker.recording.bytes.toString()

describe('A recording', () => {
  test('is sent as it grows, in pieces', async () => {
    await record('a'.repeat(600_000))
    ship()
    await eventually(() => shipped().length === 600_000)
    await record('more')
    await eventually(() => shipped().endsWith('more'))
    expect(broker.calls.filter((call) => call.endsWith('/v1/recording')).length).toBe(4)
    expect(said).toEqual([undefined])
  })

  test('goes on where the operator is, after a restart of either', async () => {
    await record('first ')
    broker.recording.bytes = Buffer.from('fir')
    ship()
    await eventually(() => shipped() === 'first ')
  })

  test('is not sent beyond what is on disk for good', async () => {
    await record('durable')
    await appendFile(path, ' half')
    ship()
    await eventually(() => shipped() === 'durable')
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(shipped()).toBe('durable')
  })

  test('is sent to its end when the gateway stops', async () => {
    const shipper = ship()
    await record('last')
    await expect(shipper.flush()).resolves.toBe(true)
    expect(shipped()).toBe('last')
  })

  test('does not hold up the end when the operator is away', async () => {
    await eventually(() => one.link.connected)
    await broker.stop()
    const shipper = ship()
    await record('last')
    const since = performance.now()
    await expect(shipper.flush(200)).resolves.toBe(false)
    expect(performance.now() - since).toBeLessThan(1_500)
  })

  test('that is not wanted is offered once', async () => {
    broker.fault = (at, response) =>
      at === '/v1/recording' ? refuse(response, 404, 'RecordingOff', false) : undefined
    await record('x')
    ship()
    await eventually(() => said.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(broker.calls.filter((call) => call.endsWith('/v1/recording'))).toHaveLength(1)
    expect(said).toEqual(['the operator answered RecordingOff: RecordingOff, says the test'])
  })

  test('of another life of the pod is not mixed with this one', async () => {
    broker.recording.bytes = Buffer.from('much longer than here')
    await record('x')
    ship()
    await eventually(() => said.length === 1)
    expect(said[0]).toContain('it holds another recording for this pod')
    expect(shipped()).toBe('much longer than here')
  })
})
