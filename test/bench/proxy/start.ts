/** From the start of the bundled sidecar until it listens, beside a bare HTTP server's. */

import { join } from 'node:path'

import { startMeasured, type Measured } from '../processes.ts'
import { startSidecar } from './sidecar.ts'
import { bareServer, numberOf, quantile, say, spread, type World } from './world.ts'

interface Start {
  readonly wall: number
  readonly cpu: number
}

export async function start(world: World): Promise<void> {
  const rounds = numberOf('ROUNDS', 9)
  const ours: Start[] = []
  const cached: Start[] = []
  const theirs: Start[] = []
  const cache = { NODE_COMPILE_CACHE: join(world.folder, 'compiled') }
  const sidecar = (name: string, more: Readonly<Record<string, string>>) =>
    startSidecar(world.program, { ...world.settings, ...more }, { folder: world.folder, name })
  for (let round = 0; round <= rounds; round += 1) {
    const times = [
      await timed(sidecar(`start-${round}`, {})),
      await timed(sidecar(`cached-${round}`, cache)),
      await timed(
        startMeasured(['-e', bareServer], {}, (line) =>
          line.startsWith('http') ? line : undefined,
        ),
      ),
    ] as const
    if (round === 0) continue
    ours.push(times[0])
    cached.push(times[1])
    theirs.push(times[2])
  }
  say('\nFrom start to listening, sidecar / bare Node')
  for (const [name, all] of [['as it is', ours], ['with a compile cache', cached]] as const)
    for (const what of ['cpu', 'wall'] as const) {
      const ratios = all.map((each, index) => each[what] / (theirs[index]?.[what] ?? NaN))
      const half = [all, theirs].map((side) => quantile(side.map((each) => each[what]), 0.5))
      say(`  ${`${what}, ${name}`.padEnd(30)} ${spread(ratios)}; ${half.map((ms) => ms.toFixed(0)).join(' / ')} ms`)
    }
} // prettier-ignore

async function timed(starting: Promise<Measured>): Promise<Start> {
  const since = performance.now()
  const started = await starting
  const wall = performance.now() - since
  const cpu = started.cpuSeconds() * 1_000
  await started.stop()
  return { wall, cpu }
}
