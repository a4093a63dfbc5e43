/**
 * How long a sidecar takes from its start until it listens, and until it is ready, and what it
 * weighs then; beside a bare HTTP server on the same Node. The sidecar is one file, as in its image.
 *
 *   node test/bench/sidecar-start.ts [runs]
 */

import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build, stop } from 'esbuild'

import { keyPairSigner } from '../../sidecar/upstream/key-pair.ts'
import { startFakeBroker } from '../support/broker/fake-broker.ts'
import { startWorld } from '../support/gateway.ts'
import { startMeasured } from './processes.ts'

const bare =
  "require('node:http').createServer((q, s) => s.end()).listen(0, '127.0.0.1', function () { console.log('url=' + this.address().port) })"
/** As the injected container has it. */
const nodeOptions = { NODE_OPTIONS: '--max-semi-space-size=8' }

interface Run {
  readonly milliseconds: number
  /** Milliseconds of CPU time until then: what a busy machine does not change. */
  readonly cpu: number
  readonly rss: number
}

const runs = Number(process.argv[2] ?? 9)
const folder = await mkdtemp(join(tmpdir(), 'frostgate-start-'))
const world = await startWorld({ seed: { patients: 5, orders: 5 }, chunkRows: 500 })
const broker = await startFakeBroker(world.bundle)
try {
  const sidecar = join(folder, 'sidecar.cjs')
  await bundleSidecar(sidecar)
  const files = await staticFiles()
  const kinds: Readonly<Record<string, (round: number) => Promise<Run>>> = {
    'bare Node, listening': () => measure(['-e', bare], {}, 'url='),
    'sidecar from a file, listening': (round) =>
      measure([sidecar], { ...files, ...recordingOf(`static-${round}`) }, '"msg":"listening"'),
    'the same, with a compile cache': (round) =>
      measure(
        [sidecar],
        { ...files, ...recordingOf(`cached-${round}`), NODE_COMPILE_CACHE: join(folder, 'cache') },
        '"msg":"listening"',
      ),
    'sidecar with an operator, health answers': (round) =>
      measure([sidecar], enrolled(round), '"msg":"started;'),
    'sidecar with an operator, ready': (round) =>
      measure([sidecar], enrolled(-1 - round), '"msg":"Snowflake lets'),
  }
  const results = new Map(Object.keys(kinds).map((name) => [name, [] as Run[]]))
  // In turns, so that what else the machine does hits all alike; the first round warms up.
  for (let round = 0; round <= runs; round += 1) {
    for (const [name, run] of Object.entries(kinds)) {
      const result = await run(round)
      if (round > 0) results.get(name)?.push(result)
    }
  }
  report(results, (await stat(sidecar)).size)
} finally {
  await stop()
  await broker.close()
  await world.close()
  await rm(folder, { recursive: true })
}

async function bundleSidecar(outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('../../sidecar/main.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minify: true,
    logLevel: 'error',
  })
}

async function staticFiles(): Promise<Record<string, string>> {
  const bundle = join(folder, 'bundle.json')
  const key = join(folder, 'key.pem')
  await writeFile(bundle, JSON.stringify(world.bundle))
  await writeFile(key, world.privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return { FROSTGATE_BUNDLE: bundle, FROSTGATE_PRIVATE_KEY_FILE: key, FROSTGATE_PORT: '0' }
}

function recordingOf(name: string): Record<string, string> {
  return { FROSTGATE_RECORDING: join(folder, `${name}.jsonl`) }
}

function enrolled(round: number): Record<string, string> {
  const { account, user, name, namespace } = world.bundle.connection
  const signer = keyPairSigner({ account, user, privateKey: world.privateKey })
  broker.connection = { namespace, name }
  broker.credential = async () => ({ ...(await signer.sign()), expiresAt: 1 })
  broker.recording.bytes = Buffer.alloc(0)
  return {
    ...recordingOf(`enrolled-${round}`),
    FROSTGATE_BROKER_URL: broker.url,
    FROSTGATE_TRUST: broker.authority.pem,
    FROSTGATE_CONNECTION: `${namespace}/${name}`,
    FROSTGATE_TOKEN_FILE: join(folder, 'bundle.json'),
    FROSTGATE_KEY_FOLDER: join(folder, `key-${round}`),
    FROSTGATE_PORT: '0',
    FROSTGATE_HEALTH_PORT: '0',
  }
}

async function measure(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  sign: string,
): Promise<Run> {
  const since = performance.now()
  const started = await startMeasured(words, { ...nodeOptions, ...environment }, (line) =>
    line.includes(sign) ? line : undefined,
  )
  const milliseconds = performance.now() - since
  const cpu = started.cpuSeconds() * 1_000
  // What the start leaves behind is collected, or not, within a moment.
  await new Promise((resolve) => setTimeout(resolve, 300))
  const rss = started.rss()
  await started.stop()
  return { milliseconds, cpu, rss }
}

function report(results: ReadonlyMap<string, readonly Run[]>, size: number): void {
  console.log(
    `${runs} runs each, medians; the sidecar is one file of ${Math.round(size / 1024)} KB`,
  )
  let base: number | undefined
  for (const [name, all] of results) {
    const milliseconds = median(all.map((run) => run.milliseconds))
    base ??= milliseconds
    const cpu = median(all.map((run) => run.cpu))
    const rss = median(all.map((run) => run.rss))
    console.log(
      `${name.padEnd(42)} ${milliseconds.toFixed(0).padStart(5)} ms ${(milliseconds / base).toFixed(2)} x  ${cpu.toFixed(0).padStart(4)} ms CPU  ${rss.toFixed(0)} MB`,
    )
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}
