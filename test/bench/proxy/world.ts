/** What the parts of `npm run bench:proxy` share. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startIssuer, type Issuer } from '../../../examples/oidc/issuer.ts'
import { login } from '../client.ts'
import { startMeasured, type Measured } from '../processes.ts'
import { settingsOf, sidecarProgram, startSidecar } from './sidecar.ts'

export interface World {
  readonly folder: string
  readonly upstream: Measured
  readonly issuer: Issuer
  /** The sidecar's bundled file. */
  readonly program: string
  readonly settings: Readonly<Record<string, string>>
  /** A sidecar of one's own; stopped with the world. */
  sidecar(name: string): Promise<Measured>
  /** Any other process; `words` as `startMeasured`. */
  process(words: readonly string[]): Promise<Measured>
  /** A session token of the gateway. */
  session(gateway: Measured, subject?: string): Promise<string>
  close(): Promise<void>
}

const printed = (line: string): string | undefined =>
  line.startsWith('http://') ? line : undefined

const bench = join(import.meta.dirname, '..')

export async function startWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'frostgate-bench-'))
  const issuer = await startIssuer({ port: 0 })
  const running: Measured[] = []
  const close = async (): Promise<void> => {
    await Promise.all(running.map((each) => each.stop()))
    await issuer.close()
    await rm(folder, { recursive: true })
  }
  const started = async (process: Promise<Measured>): Promise<Measured> => {
    running.push(await process)
    return await process
  }
  try {
    const upstream = await started(startMeasured([join(bench, 'upstream.ts')], {}, printed))
    const settings = await settingsOf({ folder, upstream: upstream.url, issuer: issuer.url })
    const program = await sidecarProgram(folder)
    return {
      ...{ folder, upstream, issuer, program, settings, close },
      sidecar: (name) => started(startSidecar(program, settings, { folder, name })),
      process: (words) => started(startMeasured(words, {}, printed)),
      session: async (gateway, subject = 'bench') =>
        await login(gateway.url, await issuer.mint({ subject, groups: ['ai-coding-agents'] })),
    }
  } catch (error) {
    await close()
    throw error
  }
}

export const bareServer =
  "require('node:http').createServer((q, s) => s.end()).listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port) })"

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function numberOf(name: string, otherwise: number): number {
  return Number(process.env[`BENCH_${name}`] ?? otherwise)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

/** The median, and from where to where. */
export function spread(ratios: readonly number[]): string {
  const [low, median, high] = [0, 0.5, 1].map((share) => quantile(ratios, share).toFixed(2))
  return `${median ?? ''} x (${low ?? ''} to ${high ?? ''}, ${ratios.length} rounds)`
}
