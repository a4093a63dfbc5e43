/** CPU of a governed small statement, beside a bare hop that forwards the same request. */

import { join } from 'node:path'

import { benchClient } from '../client.ts'
import type { Measured } from '../processes.ts'
import { numberOf, quantile, say, spread, type World } from './world.ts'

const patients = (id: number): string => `SELECT id, ssn FROM health.phi.patients WHERE id = ${id}`
const cities = (id: number): string =>
  `SELECT id, city FROM analytics.public.patients WHERE id = ${id}`
const many = Array.from({ length: 500 }, (_, index) => index + 1_000)

const kinds: Readonly<Record<string, readonly string[]>> = {
  'object-free, one text': ['SELECT 1'],
  'object-free, 500 texts': many.map((index) => `SELECT ${index} AS "1"`),
  'unmasked table, one text': [cities(7)],
  'unmasked table, 500 texts': many.map(cities),
  'masked, one text': [patients(7)],
  'masked, 500 texts': many.map(patients),
}

export async function statements(world: World): Promise<void> {
  const rounds = numberOf('ROUNDS', 9)
  const perRound = numberOf('PER_ROUND', 1_000)
  const gateway = await world.sidecar('statements')
  const proxy = await world.process([
    join(import.meta.dirname, '../http-proxy.ts'),
    world.upstream.url,
  ])
  const token = await world.session(gateway)
  say(
    `\nCPU per statement, gateway / http-proxy 1.18.1 with a keep-alive agent, ${perRound} a round`,
  )
  for (const [name, texts] of Object.entries(kinds)) {
    const governed = benchClient(gateway.url, token, texts)
    const hop = benchClient(proxy.url, token, texts)
    const pairs: (readonly [number, number])[] = []
    // The first round warms both and is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      const ours = await cpuOf(gateway, () => governed.run(perRound))
      const theirs = await cpuOf(proxy, () => hop.run(perRound))
      if (round > 0) pairs.push([ours, theirs])
    }
    await Promise.all([governed.close(), hop.close()])
    const ratios = pairs.map(([ours, theirs]) => ours / theirs)
    const [ours, theirs] = [0, 1].map((side) => {
      const micros = pairs.map((pair) => ((pair[side] ?? NaN) / perRound) * 1e6)
      return quantile(micros, 0.5).toFixed(0)
    })
    say(`  ${name.padEnd(30)} ${spread(ratios)}; ${ours ?? ''} / ${theirs ?? ''} µs`)
  }
  await Promise.all([gateway.stop(), proxy.stop()])
}

async function cpuOf(process: Measured, work: () => Promise<void>): Promise<number> {
  const before = process.cpuSeconds()
  await work()
  return process.cpuSeconds() - before
}
