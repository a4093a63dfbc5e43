/**
 * Finds the programs of a cluster: in KUBEBUILDER_ASSETS (the folder that setup-envtest fills), in
 * the cache, or by building them from the pinned Go modules beside this file into the cache.
 */

import { join } from 'node:path'

import { build, goVersion, type Say } from './binaries/build.ts'
import { executable, findHelm, findKubectl } from './binaries/clients.ts'
import {
  buildFiles,
  buildFlags,
  buildHash,
  cacheFolder,
  kubernetesVersion,
} from './binaries/modules.ts'
import {
  partPrograms,
  parts,
  partsUpTo,
  programNames,
  sourceOf,
  type Finding,
  type Found,
  type Part,
  type ProgramName,
} from './binaries/programs.ts'
import { printed, refusal, versionIn, type Version, type Versioned } from './binaries/versions.ts'
import { run } from './command.ts'

export { findHelm, findKubectl } from './binaries/clients.ts'

export type Findings = Readonly<Record<ProgramName | 'kubectl' | 'helm', Finding>>

/** Finds or builds all. What cannot be had says why; building says what it does through `say`. */
export async function findBinaries(say: Say): Promise<Findings> {
  const kubernetes = await kubernetesVersion()
  const found: Partial<Record<ProgramName, Finding>> = {}
  // One after another: each build uses all cores, and the later ones reuse what the first compiled.
  for (const name of programNames) found[name] = await findProgram(name, kubernetes, say)
  const [kubectl, helm] = await Promise.all([findKubectl(), findHelm()])
  return { ...(found as Record<ProgramName, Finding>), kubectl, helm }
}

/** The largest part of a cluster that these programs make, and what the next part lacks. */
export function possiblePart(findings: Findings): { part: Part | undefined; lacks: string[] } {
  let part: Part | undefined
  for (const next of parts) {
    const names = next === 'api-server' ? [...partPrograms[next], 'kubectl'] : partPrograms[next]
    const lacks = names.flatMap((name) => {
      const finding = findings[name as keyof Findings]
      return 'skipped' in finding ? [finding.skipped] : []
    })
    if (lacks.length > 0) return { part, lacks: [...new Set(lacks)] }
    part = next
  }
  return { part, lacks: [] }
}

export type Paths<N extends string> = Readonly<Record<N, string>>

/** @throws Error with the reason and remedy where a program of the part is missing. */
export function pathsFor(part: Part, findings: Findings): Paths<ProgramName> {
  const names: readonly ProgramName[] = partsUpTo(part).flatMap((one) => partPrograms[one])
  const paths = Object.fromEntries(names.map((name) => [name, required(findings[name]).path]))
  return paths as Paths<ProgramName>
}

/** @throws Error with the reason and remedy. */
export function required(finding: Finding): Found {
  if ('skipped' in finding) throw new Error(finding.skipped)
  return finding
}

async function findProgram(name: ProgramName, kubernetes: Version, say: Say): Promise<Finding> {
  const assets = process.env['KUBEBUILDER_ASSETS'] ?? ''
  if (assets !== '' && (await executable(join(assets, name)))) {
    const tried = await judged(name, join(assets, name), 'KUBEBUILDER_ASSETS', kubernetes)
    if (typeof tried !== 'string') return tried
    say(`  ${name}: ${tried}: not used`)
  }
  const { module } = sourceOf(name)
  const go = await goVersion(name)
  if (typeof go !== 'string') return go
  const flags = buildFlags(module, kubernetes)
  const hash = buildHash({ goVersion: go, flags, files: await buildFiles(module) })
  const path = join(cacheFolder(), hash, name)
  const cached = await executable(path)
  const failure = cached ? undefined : await build(name, path, flags, say)
  if (failure !== undefined) return failure
  const tried = await judged(name, path, cached ? 'cache' : 'built', kubernetes)
  return typeof tried === 'string'
    ? { skipped: tried }
    : { ...tried, version: tried.version || hash }
}

/** The finding, or why this one will not do. */
async function judged(
  name: ProgramName,
  path: string,
  from: string,
  kubernetes: Version,
): Promise<Found | string> {
  const { version: args } = sourceOf(name)
  if (args === undefined) return { path, version: '', from }
  try {
    const version = versionIn(await run(path, args, { seconds: 30 }))
    if (version === undefined) return `${path} tells no version`
    const why = refusal(name as Versioned, version, kubernetes)
    return why === undefined
      ? { path, version: printed(version), from }
      : `${path} ${printed(version)} ${why}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
