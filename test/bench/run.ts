/**
 * `npm run bench`: what the gateway costs, as ratios to named alternatives in the same run.
 * The two hops are measured in turn, round by round, and each round gives one ratio; the median of
 * them is printed, with the spread. Nothing here passes or fails.
 */

import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { startIssuer } from '../../examples/oidc/issuer.ts'
import { compileDirectory } from '../../operator/compile/directory.ts'
import { sealBundle } from '../../sidecar/control/digest.ts'
import { benchClient, login } from './client.ts'
import { startMeasured, type Measured } from './processes.ts'

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 9)
const perRound = Number(process.env['BENCH_STATEMENTS'] ?? 2_000)

const statements = {
  'object-free (SELECT 1)': 'SELECT 1',
  'masked (one protected column)': 'SELECT id, ssn FROM health.phi.patients WHERE id = 7',
} as const

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const folder = await mkdtemp(join(tmpdir(), 'frostgate-bench-'))
const printed = (line: string): string | undefined =>
  line.startsWith('http://') ? line : undefined
const upstream = await startMeasured([here('upstream.ts')], {}, printed)
const issuer = await startIssuer({ port: 0 })
const baseline = await startMeasured([here('http-proxy.ts'), upstream.url], {}, printed)
const bare = await startMeasured(
  ['-e', 'require("node:http").createServer().listen(0, () => console.log("http://bare"))'],
  {},
  printed,
)
const gateway = await startSidecar()
try {
  await measure()
} finally {
  await Promise.all([gateway, baseline, upstream, bare].map((each) => each.stop()))
  await issuer.close()
  await rm(folder, { recursive: true })
}

/** The sidecar as it is deployed: built, its own process, a bundle file, a key file, a recording on disk. */
async function startSidecar(): Promise<Measured> {
  const compiled = await compileDirectory(here('../../examples/quickstart'))
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  const { connection, policies } = compiled.bundle
  const bundle = sealBundle({
    ...compiled.bundle,
    connection: {
      ...connection,
      url: upstream.url,
      identityProviders: connection.identityProviders.map((provider) => ({
        ...provider,
        issuer: issuer.url,
      })),
    },
    // The load is far above any agent's.
    policies: policies.map((policy) => ({
      ...policy,
      limits: { ...policy.limits, statementsPerMinute: undefined },
    })),
  })
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const files = { bundle: join(folder, 'bundle.json'), key: join(folder, 'key.pem') }
  await writeFile(files.bundle, JSON.stringify(bundle))
  await writeFile(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return await startMeasured(
    [here('../../dist/sidecar/main.js')],
    {
      FROSTGATE_BUNDLE: files.bundle,
      FROSTGATE_PRIVATE_KEY_FILE: files.key,
      FROSTGATE_RECORDING: join(folder, 'recording.jsonl'),
      FROSTGATE_PORT: '0',
    },
    (line) => /"url":"(http:[^"]+)"/.exec(line)?.[1],
  )
}

async function measure(): Promise<void> {
  const idle = gateway.rss()
  const bareRss = bare.rss()
  const token = await login(
    gateway.url,
    await issuer.mint({ subject: 'bench', groups: ['ai-coding-agents'] }),
  )
  const resident = (when: string, megabytes: number): void => {
    const times = (megabytes / bareRss).toFixed(2)
    say(
      `RSS ${when}: ${megabytes.toFixed(0)} MB = ${times} x a bare Node (${bareRss.toFixed(0)} MB)`,
    )
  }
  resident('idle', idle)
  let sent = 0
  for (const [name, sql] of Object.entries(statements)) {
    const governed = benchClient(gateway.url, token, sql)
    const hop = benchClient(baseline.url, token, sql)
    const ratios: number[] = []
    // The first round warms both and is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      const ours = await cpuOf(gateway, () => governed.run(perRound))
      const theirs = await cpuOf(baseline, () => hop.run(perRound))
      sent += perRound
      if (sent === 10_000) resident('after 10000 statements', gateway.rss())
      if (round > 0) ratios.push(ours / theirs)
    }
    await Promise.all([governed.close(), hop.close()])
    ratios.sort((a, b) => a - b)
    const [low, median, high] = [
      ratios[0],
      ratios[Math.floor(ratios.length / 2)],
      ratios.at(-1),
    ].map((ratio) => (ratio ?? 0).toFixed(2))
    say(
      `CPU per statement, ${name}: gateway / http-proxy 1.18.1 with agent = ${median} (${low} to ${high}, ${rounds} rounds of ${perRound})`,
    )
  }
  resident(`after ${sent} statements`, gateway.rss())
}

async function cpuOf(process: Measured, work: () => Promise<void>): Promise<number> {
  const before = process.cpuSeconds()
  await work()
  return process.cpuSeconds() - before
}
