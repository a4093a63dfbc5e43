/** Many sessions at once, each statement after the other. */

import { benchClient } from '../client.ts'
import { quantile, numberOf, say, type World } from './world.ts'

export async function sessions(world: World): Promise<void> {
  const count = numberOf('SESSIONS', 200)
  const each = 20
  const gateway = await world.sidecar('sessions')
  const times: number[] = []
  const faults: string[] = []
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      try {
        const token = await world.session(gateway, `bench-${index}`)
        const id = index % 50
        const client = benchClient(gateway.url, token, [
          'SELECT 1',
          `SELECT id, ssn FROM health.phi.patients WHERE id = ${id}`,
        ], 1) // prettier-ignore
        for (let statement = 0; statement < each; statement += 1) {
          const since = performance.now()
          try {
            await client.run(1)
            times.push(performance.now() - since)
          } catch (error) {
            faults.push(String(error))
          }
        }
        await client.close()
      } catch (error) {
        faults.push(`login: ${String(error)}`)
      }
    }),
  )
  say(`\n${count} sessions at once, ${each} statements each`)
  say(`  errors ${faults.length}${faults.length === 0 ? '' : `, such as ${faults[0] ?? ''}`}`)
  const [half, most] = [0.5, 0.99].map((share) => quantile(times, share).toFixed(0))
  say(`  p50 ${half ?? ''} ms, p99 ${most ?? ''} ms, of ${times.length}`)
  await gateway.stop()
}
