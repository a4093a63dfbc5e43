/** Installs what a client needs into `.cache/drivers`, once for each content of its pins. */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import type { Broken, Say } from '../driver.ts'

const run = promisify(execFile)

const cache = join(import.meta.dirname, '../../../.cache/drivers')

export interface Installation {
  readonly title: string
  /** Of the folder in the cache. */
  readonly name: string
  /** It is installed again when this text is another one. */
  readonly digestOf: string
  /** Fills the folder, which is empty. */
  readonly install: (folder: string) => Promise<void>
  readonly say: Say
}

export async function cachedInstall({
  title,
  name,
  digestOf,
  install,
  say,
}: Installation): Promise<{ readonly folder: string } | Broken> {
  const folder = join(cache, name)
  const marker = join(folder, 'installed')
  const digest = createHash('sha256').update(digestOf).digest('hex')
  if ((await readFile(marker, 'utf8').catch(() => '')) === digest) return { folder }
  say(`installing ${title} in ${folder}`)
  try {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    await install(folder)
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string }
    const why = stderr === undefined || stderr === '' ? message : stderr
    return { title, broken: `it could not be installed: ${why.trim().slice(-1000)}` }
  }
  // Written last, so that an interrupted installation is not taken for a whole one.
  await writeFile(marker, digest)
  return { folder }
}

export async function virtualEnvironment(folder: string, requirements: string): Promise<void> {
  await run('python3', ['-m', 'venv', folder])
  await run(
    join(folder, 'bin/python'),
    ['-m', 'pip', 'install', '--quiet', '--requirement', requirements],
    { timeout: 600_000, maxBuffer: 16 * 1024 * 1024 },
  )
}

/** What Python lacks on this machine, and how to get it. */
export async function missingPython(): Promise<string | undefined> {
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
