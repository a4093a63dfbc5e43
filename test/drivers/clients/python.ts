/** snowflake-connector-python in two lines: 4.x, and 5.x with its new core. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Available, Client, Say } from '../driver.ts'
import { cachedInstall, missingPython, virtualEnvironment } from './install.ts'

const folder = join(import.meta.dirname, '../python')

/** Pinned in python/requirements-4.txt. */
export const python4: Client = (say) => available('4', say)

/** Pinned in python/requirements-5.txt. */
export const python5: Client = (say) => available('5', say)

async function available(line: string, say: Say): Promise<Available> {
  const file = join(folder, `requirements-${line}.txt`)
  const requirements = await readFile(file, 'utf8')
  const version = /^snowflake-connector-python(?:\[.*\])?==(.+)$/m.exec(requirements)?.[1] ?? line
  const title = `snowflake-connector-python ${version}`
  const missing = await missingPython()
  if (missing !== undefined) return { title, skipped: missing }
  const installed = await cachedInstall({
    title,
    name: `python-${version}`,
    digestOf: requirements,
    install: (home) => virtualEnvironment(home, file),
    say,
  })
  if ('broken' in installed) return installed
  const python = join(installed.folder, 'bin/python')
  return {
    title,
    language: 'python',
    refusalType: 'ProgrammingError',
    command: [python, join(folder, 'client.py')],
    snippet: {
      file: join(import.meta.dirname, 'python.snippet'),
      language: 'python',
      as: 'snippet.py',
      command: (path) => [python, '-W', 'ignore', path],
    },
  }
}
