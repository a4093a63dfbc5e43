/** A virtual environment with the packages of `<name>/requirements.txt`, installed once. */

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { cachedInstall, missingPython, virtualEnvironment } from '../../clients/install.ts'
import type { Broken, Skipped } from '../../driver.ts'

export interface Environment {
  /** Of the programs that the packages bring along, and of `python`. */
  readonly bin: string
  /** As pinned. Throws for a package that is not. */
  version(name: string): string
}

export async function environment(
  title: string,
  name: string,
  say: (line: string) => void,
): Promise<Environment | Skipped | Broken> {
  const file = join(import.meta.dirname, '..', name, 'requirements.txt')
  const requirements = await readFile(file, 'utf8')
  const missing = await missingPython()
  if (missing !== undefined) return { title, skipped: missing }
  const digest = createHash('sha256').update(requirements).digest('hex')
  const installed = await cachedInstall({
    title,
    name: `${name}-${digest.slice(0, 12)}`,
    digestOf: requirements,
    install: (home) => virtualEnvironment(home, file),
    say,
  })
  if ('broken' in installed) return installed
  return {
    bin: join(installed.folder, 'bin'),
    version: (wanted) => {
      const line = requirements.split('\n').find((pin) => pin.startsWith(`${wanted}==`))
      if (line === undefined) throw new Error(`${file} does not pin ${wanted}`)
      return line.slice(wanted.length + 2)
    },
  }
}
