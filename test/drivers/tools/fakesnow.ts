/** fakesnow in place of Snowflake: a thin upstream that is not ours, behind the gateway. */

import { join } from 'node:path'

import { python5 } from '../clients/python.ts'
import type { Broken, Skipped } from '../driver.ts'
import type { Ready, Scene, ToolSuite, Verdict } from '../suite.ts'
import { checksOf, nodeRows } from './fakesnow/checks.ts'
import { seed, startFakesnow } from './fakesnow/server.ts'
import { addressOf, nowhereElse, runChecks } from './support/checks.ts'
import { environment } from './support/environment.ts'
import { startToolGateway, type ToolGateway } from './support/gateway.ts'
import { startOutside } from './support/outside.ts'
import { runTool, type Surroundings } from './support/process.ts'
import { startProgram } from './support/program.ts'

const title = 'fakesnow as upstream'
const folder = join(import.meta.dirname, 'fakesnow')

/** By their line of versions. */
type Pythons = Readonly<Record<'4' | '5', string>>

export const suite: ToolSuite = {
  title,
  prepare: async (say): Promise<Ready | Skipped | Broken> => {
    const installed = await environment(title, 'fakesnow', say)
    if (!('bin' in installed)) return installed
    const five = await python5(say)
    if (!('command' in five)) return five
    // fakesnow brings a connector along, which is 4.x.
    const pythons = { 4: join(installed.bin, 'python'), 5: five.command[0] }
    return ready(join(installed.bin, 'fakesnow'), pythons, installed.version('fakesnow'))
  },
}

function ready(program: string, pythons: Pythons, version: string): Ready {
  return {
    version,
    run: async (scene) => {
      const outside = await startOutside()
      const surroundings = { folder: scene.folder, outside: outside.url }
      const fakesnow = await startFakesnow(program, surroundings)
      try {
        await fill(fakesnow.url, pythons['4'], surroundings)
        const gateway = await startToolGateway(join(scene.folder, 'fakesnow.jsonl'), fakesnow.url)
        try {
          const verdicts = [
            ...(await python('4', {
              scene,
              gateway,
              fakesnow: fakesnow.url,
              pythons,
              surroundings,
            })),
            ...(await python('5', {
              scene,
              gateway,
              fakesnow: fakesnow.url,
              pythons,
              surroundings,
            })),
            await node(gateway, surroundings),
          ]
          return [...verdicts, nowhereElse(outside.wanted)]
        } finally {
          await gateway.stop()
        }
      } finally {
        await fakesnow.stop()
        await outside.close()
      }
    },
  }
}

/** fakesnow takes any login. */
async function fill(url: string, python4: string, surroundings: Surroundings): Promise<void> {
  const program = startProgram(python4, join(folder, 'client.py'), surroundings)
  const ask = async (request: Parameters<typeof program.ask>[0]): Promise<void> => {
    const { error } = await program.ask(request)
    if (error) throw new Error(`${JSON.stringify(request)}: ${error.message}`)
  }
  try {
    const login = { address: addressOf(url), token: 'any', by: 'password' }
    await ask({ operation: 'open', name: 'seed', ...login })
    for (const sql of seed) await ask({ operation: 'execute', name: 'seed', sql })
    await ask({ operation: 'close', name: 'seed' })
    await program.end()
  } finally {
    program.kill()
  }
}

interface Stage {
  readonly scene: Scene
  readonly gateway: ToolGateway
  readonly fakesnow: string
  readonly pythons: Pythons
  readonly surroundings: Surroundings
}

async function python(
  line: keyof Pythons,
  { scene, gateway, fakesnow, pythons, surroundings }: Stage,
): Promise<readonly Verdict[]> {
  const program = startProgram(pythons[line], join(folder, 'client.py'), surroundings)
  try {
    const checks = checksOf(line, {
      gateway: addressOf(gateway.url),
      token: await gateway.token('builders'),
      fakesnow: addressOf(fakesnow),
    })
    const verdicts = await runChecks(checks, {
      program,
      truth: scene.truth,
      refusalType: 'ProgrammingError',
      count: (path) => gateway.count(path),
    })
    await program.end()
    return verdicts
  } finally {
    program.kill()
  }
}

/** fakesnow answers queries in Arrow only, which snowflake-sdk does not read. */
async function node(gateway: ToolGateway, surroundings: Surroundings): Promise<Verdict> {
  const [host, port] = addressOf(gateway.url)
  const ended = await runTool(
    [
      process.execPath,
      join(folder, 'select.mjs'),
      host,
      String(port),
      await gateway.token('readers'),
      nodeRows.sql,
    ],
    surroundings,
  )
  return {
    name: 'snowflake-sdk: a query',
    item: 'types and NULLs as direct',
    complaint: nodeRows.judge(ended),
    limitation: 'fakesnow answers queries in Arrow only, which snowflake-sdk cannot read',
  }
}
