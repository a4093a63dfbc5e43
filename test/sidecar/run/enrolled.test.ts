import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { keyPairSigner } from '../../../sidecar/upstream/key-pair.ts'
import { startFakeBroker, type FakeBroker } from '../../support/broker/fake-broker.ts'
import { expectRefusal, GatewayClient } from '../../support/client.ts'
import { eventually, startWorld, type World } from '../../support/gateway.ts'
import { startSidecar, type SidecarProcess } from '../../support/sidecar-process.ts'

let world: World
let broker: FakeBroker
let folder: string
let sidecar: SidecarProcess

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 5 }, chunkRows: 500 })
})

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frostgate-enrolled-'))
  broker = await startFakeBroker(world.bundle)
  const { account, user, name, namespace } = world.bundle.connection
  const signer = keyPairSigner({ account, user, privateKey: world.privateKey })
  broker.connection = { namespace, name }
  broker.credential = async () => ({ ...(await signer.sign()), expiresAt: 1 })
  await writeFile(join(folder, 'token'), 'projected')
})

afterEach(async () => {
  sidecar.signal('SIGKILL')
  await sidecar.ended
  await broker.close()
  await rm(folder, { recursive: true })
})

afterAll(async () => {
  await world.close()
})

function start(): SidecarProcess {
  const { namespace, name } = broker.connection
  sidecar = startSidecar({
    FROSTGATE_BROKER_URL: broker.url,
    FROSTGATE_TRUST: broker.authority.pem,
    FROSTGATE_CONNECTION: `${namespace}/${name}`,
    FROSTGATE_TOKEN_FILE: join(folder, 'token'),
    FROSTGATE_KEY_FOLDER: join(folder, 'key'),
    FROSTGATE_RECORDING: join(folder, 'recording.jsonl'),
    FROSTGATE_DRAIN_SECONDS: '2',
  })
  return sidecar
}

const started = (one: SidecarProcess) =>
  eventually(async () => (await one.health('/startup')).status === 200, 30_000)
const sql = 'SELECT order_id FROM analytics.public.orders'

describe('A sidecar with an operator', () => {
  test('waits for the operator, and then serves by its bundle, its credential and its word', async () => {
    await broker.stop()
    const one = start()
    const early = await one.health('/startup')
    expect(early.status).toBe(503)
    expect(early.text).toContain('"state":"Enrolling"')
    expect((await one.health('/live')).status).toBe(200)
    await broker.resume()
    await started(one)

    const client = new GatewayClient(await one.url())
    const session = await client.open(await world.mint())
    expect((await session.query(sql)).success).toBe(true)
    expect(broker.calls.filter((call) => call === 'POST /v1/credential').length).toBeGreaterThan(1)

    broker.publish({ closed: 'policy agents does not compile' })
    await eventually(async () => (await one.health('/ready')).status === 503)
    expectRefusal(await session.query(sql), 'ConnectionClosed')
    expectRefusal(await client.login(await world.mint()), 'ConnectionClosed')
    broker.publish(world.bundle)
    await eventually(async () => (await one.health('/ready')).status === 200)
    expect((await session.query(sql)).success).toBe(true)

    // Afterwards nothing is sent any more.
    await eventually(() => broker.recording.bytes.length > 1_000)
    broker.send({ type: 'revoked', reason: 'exec into the sidecar' })
    await eventually(async () => (await one.health('/ready')).text.includes('"Revoked"'))
    await eventually(async () => !(await session.query(sql)).success)
    expect((await one.health('/metrics')).text).toContain('frostgate_sessions_open 0')

    one.signal('SIGTERM')
    await expect(one.ended).resolves.toBe(0)
    const recording = await readFile(join(folder, 'recording.jsonl'), 'utf8')
    expect(recording).toContain('gateway.stopped')
    const shipped = broker.recording.bytes.toString()
    expect(shipped.length).toBeGreaterThan(1_000)
    expect(recording.startsWith(shipped)).toBe(true)
    expect(one.log.join('\n')).not.toMatch(/eyJ|BEGIN|"d":/)
  })

  test('sends the recording to its end when it stops', async () => {
    const one = start()
    await started(one)
    one.signal('SIGTERM')
    await expect(one.ended).resolves.toBe(0)
    const recording = await readFile(join(folder, 'recording.jsonl'))
    expect(recording.toString()).toContain('gateway.stopped')
    expect(broker.recording.bytes.equals(recording)).toBe(true)
  })

  test('is not started while Snowflake does not let it in, and says why', async () => {
    broker.credential = () =>
      Promise.resolve({ authenticator: 'SNOWFLAKE_JWT', token: 'wrong', expiresAt: 1 })
    const one = start()
    await eventually(async () => {
      const { text } = await one.health('/startup')
      return text.includes('a login to Snowflake') && text.includes('could not log in')
    }, 30_000)
    expect((await one.health('/startup')).status).toBe(503)
    one.signal('SIGTERM')
    await expect(one.ended).resolves.toBe(0)
  })

  test('that no operator ever answered still ends in order', async () => {
    await broker.stop()
    const one = start()
    await eventually(async () => (await one.health('/startup')).text.includes('reached'), 30_000)
    const since = performance.now()
    one.signal('SIGTERM')
    await expect(one.ended).resolves.toBe(0)
    expect(performance.now() - since).toBeLessThan(8_000)
  })
})
