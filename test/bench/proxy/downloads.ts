/** A large result, masked as Snowflake reads it, through the gateway and directly, by drivers. */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { chunkCount, rowsPerChunk } from './store.ts'
import { numberOf, quantile, say, spread, type World } from './world.ts'

const run = promisify(execFile)
const here = (file: string): string => join(import.meta.dirname, file)
/** As `npm run test:drivers` installs it. */
const python = here('../../../.cache/drivers/python-4.8.1/bin/python')

const clients = [
  { name: 'snowflake-sdk, JSON', program: process.execPath, script: 'download.mjs', format: 'json' },
  { name: 'Python connector 4.8.1, JSON', program: python, script: 'download.py', format: 'json' },
  { name: 'Python connector 4.8.1, Arrow', program: python, script: 'download.py', format: 'arrow' },
] // prettier-ignore

export async function downloads(world: World): Promise<void> {
  const rounds = numberOf('DOWNLOADS', 9)
  const gateway = await world.sidecar('downloads')
  say('\nDownload of a masked result, gateway / direct, 25 MB/s for each connection to the store')
  for (const { name, program, script, format } of clients) {
    if (!existsSync(program)) {
      say(`  ${name}: not here; npm run test:drivers installs it`)
      continue
    }
    const token = await world.issuer.mint({ subject: 'bench', groups: ['ai-coding-agents'] })
    const plan = join(world.folder, 'plan.json')
    await writeFile(
      plan,
      JSON.stringify({
        sides: [
          { url: gateway.url, token },
          { url: world.upstream.url, token },
        ],
        sql: 'SELECT id, ssn, name FROM health.phi.patients WHERE id > 0',
        ...{ rounds, format, rows: chunkCount * rowsPerChunk },
      }),
    )
    const environment = { PATH: process.env['PATH'], HOME: world.folder }
    const ended = await run(program, [here(script), plan], {
      env: environment, timeout: 240_000, cwd: here('../../..'),
    }).catch((error: unknown) => error as Error) // prettier-ignore
    if (ended instanceof Error) {
      say(`  ${name}: failed: ${ended.message.slice(-400)}`)
      continue
    }
    const times = ended.stdout
      .split('\n')
      .filter((line) => line.startsWith('['))
      .map((line) => JSON.parse(line) as readonly [number, number])
    const half = [0, 1].map((side) => quantile(times.map((pair) => pair[side] ?? NaN), 0.5)) // prettier-ignore
    const ratios = times.map(([ours, theirs]) => ours / theirs)
    say(`  ${name.padEnd(30)} ${spread(ratios)}; ${half.map((ms) => ms.toFixed(0)).join(' / ')} ms`)
  }
  await gateway.stop()
}
