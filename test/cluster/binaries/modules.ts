/** The Go modules that pin what is built, the flags, and the name of what comes out. */

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { ModuleName } from './programs.ts'
import { printed, versionIn, type Version } from './versions.ts'

const here = join(dirname(fileURLToPath(import.meta.url)), '..')

const folders: Readonly<Record<ModuleName, string>> = {
  etcd: join(here, 'modules', 'etcd'),
  kubernetes: join(here, 'modules', 'kubernetes'),
  node: join(here, 'node'),
}

export function moduleFolder(module: ModuleName): string {
  return folders[module]
}

/** Where built and downloaded programs are kept between runs. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { FROSTGATE_CACHE, XDG_CACHE_HOME } = environment
  const own = nonEmpty(FROSTGATE_CACHE)
  if (own !== undefined) return join(own, 'cluster')
  return join(nonEmpty(XDG_CACHE_HOME) ?? join(homedir(), '.cache'), 'frostgate', 'cluster')
}

/** The Kubernetes version that the module pins. */
export async function kubernetesVersion(): Promise<Version> {
  const file = join(moduleFolder('kubernetes'), 'go.mod')
  return pinnedKubernetes(await readFile(file, 'utf8'), file)
}

/** @throws Error when the go.mod requires no version of k8s.io/kubernetes. */
export function pinnedKubernetes(goMod: string, file: string): Version {
  const pin = /^\s*(?:require\s+)?k8s\.io\/kubernetes\s+(v\S+)/m.exec(goMod)?.[1]
  const version = pin === undefined ? undefined : versionIn(pin)
  if (version === undefined) throw new Error(`${file} requires no k8s.io/kubernetes: add it.`)
  return version
}

/**
 * Flags of `go build`. Without the -X ones the server calls itself v0.0.0, and charts that ask for
 * a Kubernetes version refuse to install.
 */
export function buildFlags(module: ModuleName, kubernetes: Version): readonly string[] {
  const stamp = 'k8s.io/component-base/version'
  const stamps = [
    `-X ${stamp}.gitVersion=v${printed(kubernetes)}`,
    `-X ${stamp}.gitMajor=${kubernetes.major}`,
    `-X ${stamp}.gitMinor=${kubernetes.minor}`,
  ]
  const linker = ['-s', '-w', ...(module === 'kubernetes' ? stamps : [])].join(' ')
  return ['-buildvcs=false', '-trimpath', '-ldflags', linker]
}

/** Everything that decides the bytes of what is built. */
export interface BuildInputs {
  readonly goVersion: string
  readonly flags: readonly string[]
  readonly files: Readonly<Record<string, string>>
}

/** Same inputs, same name, in whatever order the files were read. */
export function buildHash({ goVersion, flags, files }: BuildInputs): string {
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))
  const inputs = JSON.stringify([goVersion, flags, sorted])
  return createHash('sha256').update(inputs).digest('hex').slice(0, 16)
}

/** The files of a module that decide its build: pins, and sources where it has its own. */
export async function buildFiles(module: ModuleName): Promise<Readonly<Record<string, string>>> {
  const folder = moduleFolder(module)
  const names = (await readdir(folder, { recursive: true })).filter(isBuildFile)
  const contents = names.map(
    async (name) => [name, await readFile(join(folder, name), 'utf8')] as const,
  )
  return Object.fromEntries(await Promise.all(contents))
}

export function isBuildFile(name: string): boolean {
  if (name === 'go.mod' || name === 'go.sum') return true
  return name.endsWith('.go') && !name.endsWith('_test.go')
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
