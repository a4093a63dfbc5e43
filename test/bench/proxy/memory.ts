/** Resident memory beside a bare HTTP server on the same Node. */

import { benchClient } from '../client.ts'
import { bareServer, numberOf, say, type World } from './world.ts'

const texts = [
  'SELECT 1',
  ...Array.from({ length: 99 }, (_, id) => `SELECT id, ssn FROM health.phi.patients WHERE id = ${id}`),
] // prettier-ignore

export async function memory(world: World): Promise<void> {
  const most = numberOf('STATEMENTS', 50_000)
  const bare = await world.process(['-e', bareServer])
  const gateway = await world.sidecar('memory')
  // What the start leaves behind is collected, or not, within a moment.
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  const base = bare.rss()
  say(`\nRSS, gateway / bare Node (${base.toFixed(0)} MB)`)
  const tell = (when: string): void => {
    const now = gateway.rss()
    say(`  ${when.padEnd(30)} ${(now / base).toFixed(2)} x (${now.toFixed(0)} MB)`)
  }
  tell('idle')
  const client = benchClient(gateway.url, await world.session(gateway), texts)
  let done = 0
  for (const count of [Math.min(10_000, most), most]) {
    if (count <= done) continue
    await client.run(count - done)
    done = count
    tell(`after ${count} statements`)
  }
  await client.close()
  await Promise.all([gateway.stop(), bare.stop()])
}
