/** Snowpark for Python, on connector 4.x. */

import { join } from 'node:path'

import type { Ready, ToolSuite } from '../suite.ts'
import { everyTypeCheck, reads, sessions, writes } from './snowpark/checks.ts'
import { nowhereElse, runChecks } from './support/checks.ts'
import { environment } from './support/environment.ts'
import { startToolGateway } from './support/gateway.ts'
import { startOutside } from './support/outside.ts'
import { startProgram } from './support/program.ts'

const title = 'Snowpark Python'
const client = join(import.meta.dirname, 'snowpark/client.py')

export const suite: ToolSuite = {
  title,
  prepare: async (say) => {
    const installed = await environment(title, 'snowpark', say)
    if (!('bin' in installed)) return installed
    return ready(join(installed.bin, 'python'), installed.version('snowflake-snowpark-python'))
  },
}

function ready(python: string, version: string): Ready {
  return {
    version,
    snippet: {
      file: join(import.meta.dirname, 'snowpark/connect.snippet'),
      language: 'python',
      as: 'snippet.py',
      command: (path) => [python, '-W', 'ignore', path],
    },
    run: async (scene) => {
      const outside = await startOutside()
      const building = await startToolGateway(join(scene.folder, 'snowpark.jsonl'))
      const program = startProgram(python, client, { folder: scene.folder, outside: outside.url })
      const common = { program, truth: scene.truth, refusalType: 'SnowparkSQLException' }
      const here = { ...common, count: (path: string) => scene.count(path) }
      try {
        const verdicts = [
          ...(await runChecks(sessions(scene), here)),
          await everyTypeCheck(program),
          ...(await runChecks(reads, here)),
          ...(await runChecks(await writes(building), {
            ...common,
            count: (path: string) => building.count(path),
          })),
        ]
        await program.end()
        return [...verdicts, nowhereElse(outside.wanted)]
      } finally {
        program.kill()
        await building.stop()
        await outside.close()
      }
    },
  }
}
