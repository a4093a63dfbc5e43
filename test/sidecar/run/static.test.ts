import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { verifyRecording } from '../../../sidecar/recording/verify.ts'
import type { RecordedLine } from '../../../sidecar/recording/events.ts'
import { GatewayClient } from '../../support/client.ts'
import { eventually, startWorld, type World } from '../../support/gateway.ts'
import { startSidecar, type SidecarProcess } from '../../support/sidecar-process.ts'
import { isAgentStatement, type SeenRequest } from '../../support/upstream.ts'

let world: World
let folder: string
let recording: string
let sidecar: SidecarProcess

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 5 }, chunkRows: 500 })
  folder = await mkdtemp(join(tmpdir(), 'frostgate-static-'))
  await writeFile(join(folder, 'bundle.json'), JSON.stringify(world.bundle))
  const pem = world.privateKey.export({ type: 'pkcs8', format: 'pem' })
  await writeFile(join(folder, 'key.pem'), pem)
})

afterEach(async () => {
  world.upstream.script = undefined
  sidecar.signal('SIGKILL')
  await sidecar.ended
})

afterAll(async () => {
  await world.close()
  await rm(folder, { recursive: true })
})

let count = 0
function start(more: Readonly<Record<string, string>> = {}): SidecarProcess {
  recording = join(folder, `recording-${(count += 1)}.jsonl`)
  sidecar = startSidecar({
    FROSTGATE_BUNDLE: join(folder, 'bundle.json'),
    FROSTGATE_PRIVATE_KEY_FILE: join(folder, 'key.pem'),
    FROSTGATE_RECORDING: recording,
    FROSTGATE_DRAIN_SECONDS: '4',
    ...more,
  })
  return sidecar
}

async function types(): Promise<string[]> {
  const lines = (await readFile(recording, 'utf8')).trimEnd().split('\n')
  return lines.map((line) => (JSON.parse(line) as RecordedLine).event.type)
}

const sql = 'SELECT order_id FROM analytics.public.orders'
const isOurs = (request: SeenRequest): boolean =>
  isAgentStatement(request) && /^SELECT.*order_id/i.test(request.sql)

describe('A sidecar of its own', () => {
  test('is started once Snowflake has let it in', async () => {
    const one = start()
    await eventually(async () => (await one.health('/startup')).status === 200, 10_000)
    expect((await one.health('/ready')).status).toBe(200)
    expect((await one.health('/metrics')).text).toContain('frostgate_serving 1')
    expect((await one.health('/metrics')).text).not.toContain('frostgate_control')
  })

  test('told to stop it is not ready at once, finishes statements, logs out and exits with 0', async () => {
    const one = start()
    const client = new GatewayClient(await one.url())
    const session = await client.open(await world.mint())
    const begun = Promise.withResolvers<undefined>()
    const held = Promise.withResolvers<undefined>()
    world.upstream.script = async (request) => {
      if (isOurs(request)) {
        begun.resolve(undefined)
        await held.promise
      }
      return undefined
    }
    const answer = session.query(sql)
    await begun.promise
    one.signal('SIGTERM')
    await eventually(async () => (await one.health('/ready')).status === 503)
    expect((await one.health('/ready')).text).toContain('"state":"Draining"')
    await expect(client.login(await world.mint())).rejects.toThrow()
    held.resolve(undefined)
    expect((await answer).success).toBe(true)
    await expect(one.ended).resolves.toBe(0)
    const logouts = world.upstream.seen.filter(({ query }) => query.get('delete') === 'true')
    expect(logouts.length).toBeGreaterThanOrEqual(1)
    expect((await types()).slice(-3)).toEqual([
      'statement.finished',
      'session.closed',
      'gateway.stopped',
    ])
    await expect(verifyRecording(recording)).resolves.toMatchObject({ ok: true })
  })

  test('does not wait for a statement for longer than it may', async () => {
    const one = start({ FROSTGATE_DRAIN_SECONDS: '1' })
    const session = await new GatewayClient(await one.url()).open(await world.mint())
    const begun = Promise.withResolvers<undefined>()
    world.upstream.script = (request) => {
      if (!isOurs(request)) return undefined
      begun.resolve(undefined)
      return 'hang'
    }
    const answer = session.query(sql)
    answer.catch(() => undefined)
    await begun.promise
    const since = performance.now()
    one.signal('SIGTERM')
    await expect(one.ended).resolves.toBe(0)
    expect(performance.now() - since).toBeGreaterThan(900)
    expect(performance.now() - since).toBeLessThan(4_500)
    await expect(answer).rejects.toThrow()
    expect((await types()).at(-1)).toBe('gateway.stopped')
  })

  test('stops at once when it is told a second time', async () => {
    const one = start({ FROSTGATE_DRAIN_SECONDS: '60' })
    const session = await new GatewayClient(await one.url()).open(await world.mint())
    world.upstream.script = (request) => (isOurs(request) ? 'hang' : undefined)
    session.query(sql).catch(() => undefined)
    await eventually(() => world.upstream.seen.some((request) => isOurs(request)))
    one.signal('SIGTERM')
    await eventually(() => one.log.some((line) => line.includes('told to stop')))
    one.signal('SIGINT')
    await expect(one.ended).resolves.toBe(1)
  })

  test('says all that is wrong with its settings', async () => {
    const one = start({ FROSTGATE_PORT: 'x', FROSTGATE_BUNDLE: '', FROSTGATE_LOG_LEVEL: 'loud' })
    await expect(one.ended).resolves.toBe(2)
    const text = one.log.join('\n')
    expect(text).toContain('FROSTGATE_PORT must be a whole number from 0 to 65535')
    expect(text).toContain('FROSTGATE_BUNDLE is not set')
    expect(text).toContain('FROSTGATE_LOG_LEVEL must be one of trace')
    expect(text).toContain('FROSTGATE_PRIVATE_KEY_FILE: file with')
  })
})
