/** SQLAlchemy with Snowflake's dialect, on connector 5.x. */

import { join } from 'node:path'

import type { Ready, ToolSuite } from '../suite.ts'
import { everyTypeCheck, engines, holds, reads, writes } from './sqlalchemy/checks.ts'
import { nowhereElse, runChecks } from './support/checks.ts'
import { environment } from './support/environment.ts'
import { startToolGateway } from './support/gateway.ts'
import { startOutside } from './support/outside.ts'
import { startProgram } from './support/program.ts'

const title = 'SQLAlchemy'
const client = join(import.meta.dirname, 'sqlalchemy/client.py')

export const suite: ToolSuite = {
  title,
  prepare: async (say) => {
    const installed = await environment(title, 'sqlalchemy', say)
    if (!('bin' in installed)) return installed
    const [core, dialect] = ['SQLAlchemy', 'snowflake-sqlalchemy'].map((name) =>
      installed.version(name),
    )
    return ready(join(installed.bin, 'python'), `${core ?? ''}, dialect ${dialect ?? ''}`)
  },
}

function ready(python: string, version: string): Ready {
  return {
    version,
    snippet: {
      file: join(import.meta.dirname, 'sqlalchemy/connect.snippet'),
      language: 'python',
      as: 'snippet.py',
      command: (path) => [python, '-W', 'ignore', path],
    },
    run: async (scene) => {
      const outside = await startOutside()
      const building = await startToolGateway(join(scene.folder, 'sqlalchemy.jsonl'))
      const program = startProgram(python, client, { folder: scene.folder, outside: outside.url })
      const { truth } = scene
      const common = { program, truth, refusalType: 'ProgrammingError' }
      const here = { ...common, count: (path: string) => scene.count(path) }
      try {
        const verdicts = [
          ...(await runChecks(engines(scene), here)),
          await everyTypeCheck(program),
          ...(await runChecks(reads, here)),
          ...(await runChecks(holds, here)),
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
