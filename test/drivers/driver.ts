/** The drivers under test, and what it takes to have them here. */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'

import type { Language } from './answer.ts'

const run = promisify(execFile)

/** A command line that takes the path of a plan. */
export interface Driver {
  readonly title: string
  readonly language: Language
  readonly command: readonly [program: string, ...words: readonly string[]]
}

/** Why a driver cannot be had on this machine, and the remedy. */
export interface Skipped {
  readonly title: string
  readonly skipped: string
}

/** A driver that should be here but could not be installed. */
export interface Broken {
  readonly title: string
  readonly broken: string
}

export type Available = Driver | Skipped | Broken

const here = import.meta.dirname
const cache = join(here, '../../.cache/drivers')

/** Pinned in python/requirements-<line>.txt. */
const pythonLines = ['4', '5']

/** `say` gets a line when something slow begins. */
export async function availableDrivers(say: (line: string) => void): Promise<readonly Available[]> {
  const drivers: Available[] = [nodeDriver()]
  const missing = await missingPython()
  for (const line of pythonLines) drivers.push(await pythonDriver(line, missing, say))
  return drivers
}

function nodeDriver(): Driver {
  const metadata = createRequire(import.meta.url)('snowflake-sdk/package.json') as {
    readonly version: string
  }
  return {
    title: `snowflake-sdk ${metadata.version} (Node)`,
    language: 'node',
    command: [process.execPath, join(here, 'node/client.mjs')],
  }
}

async function pythonDriver(
  line: string,
  missing: string | undefined,
  say: (line: string) => void,
): Promise<Available> {
  const file = join(here, `python/requirements-${line}.txt`)
  const requirements = await readFile(file, 'utf8')
  const version = /^snowflake-connector-python==(.+)$/m.exec(requirements)?.[1] ?? line
  const title = `snowflake-connector-python ${version}`
  if (missing !== undefined) return { title, skipped: missing }
  const folder = join(cache, `python-${version}`)
  const python = join(folder, 'bin/python')
  const digest = createHash('sha256').update(requirements).digest('hex')
  const installed = join(folder, 'installed')
  if ((await readFile(installed, 'utf8').catch(() => '')) !== digest || !(await exists(python))) {
    say(`installing ${title} in ${folder}`)
    try {
      await rm(folder, { recursive: true, force: true })
      await mkdir(cache, { recursive: true })
      await run('python3', ['-m', 'venv', folder])
      await run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', file], {
        timeout: 600_000,
        maxBuffer: 16 * 1024 * 1024,
      })
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string }
      return {
        title,
        broken: `it could not be installed: ${(stderr ?? message).trim().slice(-1000)}`,
      }
    }
    // Written last, so that an interrupted installation is not taken for a whole one.
    await writeFile(installed, digest)
  }
  return { title, language: 'python', command: [python, join(here, 'python/client.py')] }
}

/** What Python lacks on this machine, and how to get it. */
async function missingPython(): Promise<string | undefined> {
  const remedy =
    'Install Python 3.10 or later with venv and pip (Debian: apt install python3-venv python3-pip).'
  try {
    await run('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))'])
  } catch {
    return `python3, 3.10 or later, is not here. ${remedy}`
  }
  try {
    await run('python3', ['-c', 'import venv, ensurepip'])
  } catch {
    return `python3 has no venv or no pip. ${remedy}`
  }
  return undefined
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
