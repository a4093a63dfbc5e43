/** kubectl and helm: from PATH where the version will do, else from the npm package. */

import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

import { run } from '../command.ts'
import { packagedClient, type ClientName } from './client-package.ts'
import { kubernetesVersion } from './modules.ts'
import type { Finding, Found } from './programs.ts'
import { printed, refusal, versionIn } from './versions.ts'

const versionArguments: Readonly<Record<ClientName, readonly string[]>> = {
  kubectl: ['version', '--client'],
  helm: ['version', '--short'],
}

const remedies: Readonly<Record<ClientName, string>> = {
  kubectl: 'put a kubectl within one minor of the server on PATH',
  helm: 'put helm 4 or newer on PATH (https://helm.sh/docs/intro/install)',
}

/** Helm 4 or newer, for tests of the chart. Downloads it once where PATH has none. */
export async function findHelm(): Promise<Finding> {
  return findClient('helm')
}

/** A kubectl within one minor of the Kubernetes that the tests stand for. */
export async function findKubectl(): Promise<Finding> {
  return findClient('kubectl')
}

async function findClient(name: ClientName): Promise<Finding> {
  const reasons: string[] = []
  for (const { path, from } of await candidates(name)) {
    const tried = await judged(name, path, from)
    if (typeof tried !== 'string') return tried
    reasons.push(tried)
  }
  const packaged = await packagedClient(name)
  const last =
    'skipped' in packaged ? packaged.skipped : await judged(name, packaged.path, 'npm package')
  if (typeof last !== 'string') return last
  return { skipped: `no ${name}: ${[...reasons, last].join('; ')}; ${remedies[name]}` }
}

async function candidates(name: ClientName): Promise<readonly { path: string; from: string }[]> {
  const assets = process.env['KUBEBUILDER_ASSETS'] ?? ''
  const folders = [
    { folder: assets, from: 'KUBEBUILDER_ASSETS' },
    ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => ({ folder, from: 'PATH' })),
  ]
  const found: { path: string; from: string }[] = []
  for (const { folder, from } of folders) {
    if (folder === '') continue
    const path = join(folder, name)
    if (await executable(path)) found.push({ path, from })
  }
  return found
}

/** The finding, or why this one will not do. */
async function judged(name: ClientName, path: string, from: string): Promise<Found | string> {
  try {
    const version = versionIn(await run(path, versionArguments[name], { seconds: 30 }))
    if (version === undefined) return `${path} tells no version`
    const why = refusal(name, version, await kubernetesVersion())
    if (why !== undefined) return `${path} ${printed(version)} ${why}`
    return { path, version: printed(version), from }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export async function executable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
