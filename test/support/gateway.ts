/**
 * A gateway under test: the quickstart, compiled; a warehouse behind a scripted upstream; an
 * issuer; a recording file; and a client that speaks HTTP as drivers do.
 */

import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { pino } from 'pino'

import { startIssuer, type Issuer } from '../../examples/oidc/issuer.ts'
import {
  startWarehouse,
  type Fault,
  type Warehouse,
  type WarehouseOptions,
} from '../../examples/warehouse/warehouse.ts'
import { compileDirectory } from '../../operator/compile/directory.ts'
import { sealBundle } from '../../sidecar/control/digest.ts'
import type { Bundle } from '../../sidecar/control/bundle.ts'
import type { RecordedEvent, RecordedLine, Recorder } from '../../sidecar/recording/events.ts'
import { openFileRecorder } from '../../sidecar/recording/file-recorder.ts'
import { startGateway, type GatewayOptions, type RunningGateway } from '../../sidecar/start.ts'
import { keyPairSigner } from '../../sidecar/upstream/key-pair.ts'
import { GatewayClient, type LoginOptions, type ClientSession } from './client.ts'
import { startUpstream, type Upstream } from './upstream.ts'
import { gatewayUser } from './warehouse-users.ts'

const examples = fileURLToPath(new URL('../../examples/', import.meta.url))

/** All that gateways of one test file share. */
export interface World {
  readonly warehouse: Warehouse
  readonly upstream: Upstream
  readonly issuer: Issuer
  readonly bundle: Bundle
  readonly privateKey: KeyObject
  /** What the warehouse's result store does wrong, if anything. */
  chunkFault: Fault | undefined
  gateway(options?: TestOptions): Promise<TestGateway>
  /** A token of an agent. */
  mint(): Promise<string>
  close(): Promise<void>
}

export type TestOptions = Partial<GatewayOptions> & {
  /** Wraps the recorder of the file. */
  readonly wrap?: (recorder: Recorder) => Recorder
}

export interface TestGateway {
  readonly url: string
  readonly client: GatewayClient
  /** The gateway itself, to change what governs. */
  readonly running: RunningGateway
  unmatchedRules: RunningGateway['unmatchedRules']
  /** Logs in with a good token; throws if that is refused. */
  login(options?: LoginOptions): Promise<ClientSession>
  events(): Promise<readonly RecordedEvent[]>
  /** Everything logged, as text. */
  log(): string
  close(reason?: string): Promise<void>
}

/** Without options, rows enough for chunks: 500 travel inline. `example`: its folder's name. */
export async function startWorld(
  {
    seed,
    chunkRows,
    arrowWidths,
    example = 'quickstart',
  }: Pick<WarehouseOptions, 'seed' | 'chunkRows' | 'arrowWidths'> & {
    readonly example?: string
  } = {
    seed: { patients: 40, orders: 2_000 },
    chunkRows: 500,
  },
): Promise<World> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const compiled = await compileDirectory(join(examples, example))
  if ('problems' in compiled) throw new Error(`examples/${example} does not compile`)
  const { connection } = compiled.bundle
  const issuer = await startIssuer({ port: 0 })
  const warehouse = await startWarehouse({
    account: connection.account,
    users: gatewayUser(connection, publicKey),
    ...(seed === undefined ? {} : { seed }),
    ...(chunkRows === undefined ? {} : { chunkRows }),
    ...(arrowWidths === undefined ? {} : { arrowWidths }),
    faults: ({ route }) => (route === 'chunk' ? world.chunkFault : undefined),
  })
  const upstream = await startUpstream(warehouse.url)
  const open = new Set<TestGateway>()
  const folders: string[] = []
  const world: World = {
    warehouse, upstream, issuer, privateKey,
    bundle: sealBundle({
      ...compiled.bundle,
      connection: {
        ...connection,
        url: upstream.url,
        identityProviders: connection.identityProviders.map((each) => ({ ...each, issuer: issuer.url })),
      },
    }),
    chunkFault: undefined,
    mint: () => issuer.mint({ subject: 'agent-7', groups: ['ai-coding-agents'] }),
    gateway: async (options) => {
      const folder = await mkdtemp(join(tmpdir(), 'frostgate-test-'))
      folders.push(folder)
      const gateway = await startTestGateway(world, folder, options ?? {})
      open.add(gateway)
      return gateway
    },
    close: async () => {
      await Promise.all([...open].map((gateway) => gateway.close()))
      await Promise.all([upstream.close(), warehouse.close(), issuer.close()])
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
    },
  } // prettier-ignore
  return world
}

async function startTestGateway(
  world: World,
  folder: string,
  { wrap, ...options }: TestOptions,
): Promise<TestGateway> {
  const { bundle, privateKey } = world
  const { account, user } = bundle.connection
  const path = join(folder, 'recording.jsonl')
  const file = await openFileRecorder({ path })
  const logged: string[] = []
  const running = await startGateway({
    bundle,
    recorder: wrap?.(file) ?? file,
    signer: keyPairSigner({ account, user, privateKey }),
    log: pino({ level: 'debug' }, { write: (line: string) => logged.push(line) }),
    port: 0,
    ...options,
  })
  const client = new GatewayClient(running.url)
  let closing: Promise<void> | undefined
  return {
    url: running.url,
    running,
    unmatchedRules: () => running.unmatchedRules(),
    client,
    login: async (login) => await client.open(await world.mint(), login),
    events: async () => {
      const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
      return lines.map((line) => (JSON.parse(line) as RecordedLine).event)
    },
    log: () => logged.join(''),
    close: (reason = 'test') =>
      (closing ??= running.close(reason).then(async () => {
        await file.close()
      })),
  }
}

/** Waits until `check` gives something other than undefined or false; fails after `patienceMs`. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  patienceMs = 10_000,
): Promise<Exclude<T, false | undefined>> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const found = await check()
    if (found !== undefined && found !== false) return found as Exclude<T, false | undefined>
    if (performance.now() > deadline) throw new Error(`not within ${patienceMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

export const newId = (): string => randomUUID()
