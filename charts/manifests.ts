/**
 * `npm run manifests`: what the chart renders, as files for `kubectl apply -f`, in dist/manifests.
 * Made at a release; not kept in the repository.
 */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { findHelm } from '../test/cluster/binaries.ts'
import type { Finding } from '../test/cluster/binaries/programs.ts'
import { helmFor } from '../test/cluster/helm.ts'

const release = { name: 'frostgate', namespace: 'frostgate' } as const
export const chartFolder = join(import.meta.dirname, 'frostgate')

const namespace = `---
apiVersion: v1
kind: Namespace
metadata:
  name: ${release.namespace}
  labels:
    app.kubernetes.io/part-of: frostgate
`

/** Who applies it by kubectl has no Helm that manages it. */
const helmsOwn = /^ +(app\.kubernetes\.io\/managed-by: Helm|helm\.sh\/chart: .+)\n/gm

/** File name → text, with the chart's default values. Rejects with the remedy where helm is missing. */
export async function manifests(finding: Finding): Promise<Readonly<Record<string, string>>> {
  const home = await mkdtemp(join(tmpdir(), 'frostgate-helm-'))
  try {
    const helm = helmFor(finding, home)
    const render = async (values: object, ...flags: readonly string[]): Promise<string> => {
      const text = await helm.template(release, chartFolder, {
        values,
        flags: ['--skip-tests', ...flags],
      })
      return text.replaceAll(helmsOwn, '')
    }
    const operator = await render({ crds: { install: false } })
    const crds = await render({ crds: { keep: false } }, '--show-only', 'templates/crds/*.yaml')
    return { 'frostgate-crds.yaml': crds, 'frostgate.yaml': `${namespace}${operator}` }
  } finally {
    await rm(home, { recursive: true })
  }
}

async function main(): Promise<void> {
  const folder = join(import.meta.dirname, '..', 'dist', 'manifests')
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(await manifests(await findHelm()))) {
    await writeFile(join(folder, name), text)
    process.stdout.write(`${join('dist', 'manifests', name)}\n`)
  }
}

if (import.meta.main) await main()
