/**
 * `npm run test:cluster`: suites against a real Kubernetes on loopback, or the one of KUBECONFIG
 * where FROSTGATE_CLUSTER=external. Prints what it found and how long it took.
 *   --only <part of a file name>   those suites only
 *   --build                        find or build the programs, run nothing
 *   --keep                         leave the run folder, with all logs, where it is
 */

import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { offerSwitch } from './api-server-switch.ts'
import type { Finding } from './binaries/programs.ts'
import { startCluster, type OwnedCluster } from './cluster.ts'
import { factsVariable } from './global-setup.ts'
import { repository } from './images.ts'
import { brokenPrograms, planCluster, type Plan } from './plan.ts'

/** Exit code of a run that was broken off by Ctrl-C, as shells have it. */
const interrupted = 130

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      build: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
    },
  })
  const start = performance.now()
  const elapsed = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`
  const plan = await planCluster(say)
  sayPlan(plan)
  const broken = plan.kind === 'own' ? brokenPrograms(plan) : []
  for (const name of broken) say(`FAILED: ${name}: see above`)
  const failed = broken.length > 0 ? 1 : 0
  if (values.build) {
    say(`found what can be had after ${elapsed()}`)
    return failed
  }
  const why = whySkipped(plan)
  if (why !== undefined) {
    say(`SKIPPED: ${why}`)
    return failed
  }
  const runFolder = await mkdtemp(join(tmpdir(), 'frostgate-cluster-'))
  const code = await runWithCluster(plan, runFolder, values.only).catch((error: unknown) => {
    say(`FAILED: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  })
  // The logs of a failure are worth keeping, those of a run that was broken off are not.
  if (values.keep || (code !== 0 && code !== interrupted)) say(`files and logs: ${runFolder}`)
  else await rm(runFolder, { recursive: true, force: true })
  say(`test:cluster took ${elapsed()}`)
  return code || failed
}

/** Starts the cluster, runs the suites, stops it, also on Ctrl-C; resolves to the exit code. */
async function runWithCluster(
  plan: Plan,
  runFolder: string,
  only: string | undefined,
): Promise<number> {
  const interruption = new AbortController()
  const { signal } = interruption
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    // What was started is stopped in order first; the signal is the answer afterwards.
    process.on(name, () => {
      interruption.abort()
    })
  }
  const start = performance.now()
  const cluster = await startCluster({ plan, runFolder, say })
  say(`cluster up after ${((performance.now() - start) / 1000).toFixed(1)} s`)
  try {
    const endOffer = await offerSwitch(runFolder, cluster.apiServer)
    const facts = join(runFolder, 'facts.json')
    await writeFile(facts, JSON.stringify(cluster.facts))
    try {
      return signal.aborted ? interrupted : await runSuites(facts, only, signal)
    } finally {
      await endOffer()
    }
  } finally {
    await sayMemory(cluster)
    await cluster.close()
  }
}

/** Why no suite can run at all; what only lacks a node still runs. */
function whySkipped(plan: Plan): string | undefined {
  if (plan.kind === 'external') {
    return 'skipped' in plan.kubectl ? plan.kubectl.skipped : undefined
  }
  return plan.part === undefined ? plan.lacks.join('\n  ') : undefined
}

function sayPlan(plan: Plan): void {
  say(`node ${process.versions.node}, ${process.platform} ${process.arch}`)
  const findings: Readonly<Record<string, Finding>> =
    plan.kind === 'own' ? plan.findings : { kubectl: plan.kubectl, helm: plan.helm }
  for (const [name, finding] of Object.entries(findings)) {
    if ('path' in finding) {
      say(`  ${name} ${finding.version} (${finding.from}: ${finding.path})`)
    } else say(`  ${name} missing`)
  }
  if (plan.kind === 'external') {
    say(`cluster: the one of ${plan.kubeconfig}`)
  } else if (plan.part !== undefined) {
    say(`cluster: up to ${plan.part}`)
    if (plan.lacks.length > 0) say(`SKIPPED in part: ${plan.lacks.join('\n  ')}`)
  }
}

/** vitest in a process of its own; resolves to its exit code. */
async function runSuites(
  facts: string,
  only: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  const vitest = join(repository, 'node_modules', 'vitest', 'vitest.mjs')
  const config = join(repository, 'test', 'cluster', 'vitest.config.ts')
  const filter = only === undefined ? [] : [only]
  const child = spawn(process.execPath, [vitest, 'run', '--config', config, ...filter], {
    cwd: repository,
    stdio: 'inherit',
    env: { ...process.env, [factsVariable]: facts },
  })
  signal.addEventListener('abort', () => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => {
      resolve(signal.aborted ? interrupted : (code ?? 1))
    })
  })
}

async function sayMemory(cluster: OwnedCluster): Promise<void> {
  const figures = cluster.daemons().map(async (daemon) => {
    const memory = await daemon.memory()
    if (memory === undefined) return `${daemon.name} ${daemon.ended() ?? '?'}`
    return `${daemon.name} ${memory.now} (most ${memory.most})`
  })
  const all = await Promise.all(figures)
  if (all.length > 0) say(`memory in MiB: ${all.join(', ')}`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

process.exitCode = await main()
