/** The chart on a real API server: every object is taken, and a release comes, changes and goes. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { parse } from 'yaml'

import { manifests } from '../../../charts/manifests.ts'
import { definedKinds } from '../../../crds/definitions.ts'
import { chart, everything, objectsOf, type Rendered } from '../../charts/support.ts'
import { connectCluster } from '../cluster.ts'
import type { KubeObject } from '../kubectl.ts'
import { uninstallFrostgate } from '../support/frostgate.ts'
import { waitUntil } from '../wait.ts'

const cluster = connectCluster(inject('cluster'))
const { kubectl, helm, facts } = cluster
// As in the documentation: definitions that were kept by another suite belong to this release.
const release = { name: 'frostgate', namespace: 'frostgate' } as const
const hasHelm = 'path' in facts.helmFinding
const production = parse(readFileSync(join(chart, 'values-ha.yaml'), 'utf8')) as object

/** Not of kinds that others bring; and a pod needs its ServiceAccount, which a dry run does not store. */
const dryRunnable = ({ apiVersion, kind }: Rendered) =>
  !apiVersion.startsWith('monitoring.coreos.com/') && kind !== 'Pod'

beforeAll(async () => {
  // What another suite left installed would own the fields that are applied here.
  if (hasHelm) await uninstallFrostgate(cluster)
  for (const name of [release.namespace, 'team-a', 'team-b']) await cluster.createNamespace(name)
})

afterAll(async () => {
  for (const name of ['team-a', 'team-b']) await kubectl.delete('namespace', name)
})

describe.runIf(hasHelm)('The API server takes every object of the chart', () => {
  test.each([
    ['default', {}],
    ['production', production],
    ['all', everything],
  ])('with %s values', async (_, values) => {
    const text = await helm.template(release, chart, { values })
    const objects = objectsOf(text).filter(dryRunnable)
    // Strict: an unknown field is an error and not a warning.
    const said = await kubectl.apply(
      objects,
      '--dry-run=server',
      '--validate=strict',
      '--server-side',
      '--force-conflicts',
    )
    expect(said.trim().split('\n')).toHaveLength(objects.length)
  })

  test('as manifests without Helm', async () => {
    for (const text of Object.values(await manifests(facts.helmFinding)))
      await kubectl.apply(
        text,
        '--dry-run=server',
        '--validate=strict',
        '--server-side',
        '--force-conflicts',
      )
  })
})

interface Webhooks extends KubeObject {
  readonly webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[]
}

const configurations = ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration'] as const

async function caBundles(): Promise<readonly (string | undefined)[]> {
  const found = await Promise.all(
    configurations.map((kind) => kubectl.get<Webhooks>(kind, release.name)),
  )
  return found.flatMap(({ webhooks }) => webhooks.map(({ clientConfig }) => clientConfig.caBundle))
}

const annotatedPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'annotated',
    namespace: 'team-a',
    annotations: { 'frostgate.dev/connection': 'acme' },
  },
  spec: { containers: [{ name: 'main', image: 'docker.io/library/busybox:1.37' }] },
}

describe.runIf(hasHelm && facts.part === 'node')('A release', () => {
  let bundles: readonly (string | undefined)[] = []

  test('is installed, and every webhook gets the operator’s CA', async () => {
    await helm.install(release, chart, { flags: ['--wait', '--timeout', '150s'] })
    bundles = await caBundles()
    expect(bundles.length).toBeGreaterThan(4)
    expect(bundles.every((each) => (each ?? '').length > 100)).toBe(true)
  })

  test('passes its own test', async () => {
    const said = await helm.test(release)
    expect(said).toContain('ok      the operator is ready')
    expect(said).toContain('ok      sidecars can reach the broker')
    expect(said).toContain('ok      the API server asks the webhook')
    expect(await kubectl.find('pod', 'frostgate-test', release.namespace)).toBeUndefined()
  })

  test('may read Secrets where connections are, and nowhere else, and change no pod', async () => {
    const as = `system:serviceaccount:${release.namespace}:frostgate-operator`
    const may = async (...words: readonly string[]) => {
      const asked = kubectl.run(['auth', 'can-i', ...words, '--as', as])
      // kubectl ends with 1 for "no".
      return (await asked.catch(() => 'no')).trim()
    }
    const own = ['--namespace', release.namespace]
    expect(await may('list', 'secrets', ...own)).toBe('yes')
    expect(await may('list', 'secrets', '--namespace', 'team-a')).toBe('no')
    expect(await may('update', 'secrets/other', ...own)).toBe('no')
    expect(await may('update', 'secrets/frostgate-keys', ...own)).toBe('yes')
    expect(await may('patch', 'validatingwebhookconfigurations/other')).toBe('no')
    expect(await may('delete', 'pods', '--namespace', 'team-a')).toBe('no')
  })

  test('gives people the kinds by the roles that they have', async () => {
    const view = await kubectl.get<{ rules: readonly { apiGroups?: readonly string[] }[] }>(
      'clusterrole',
      'view',
    )
    expect(view.rules.some(({ apiGroups }) => apiGroups?.includes('frostgate.dev'))).toBe(true)
  })

  test('is the only one: a second is refused, with what to do instead', async () => {
    const second = { name: 'second', namespace: 'team-a' }
    const flags = ['--dry-run=server']
    await expect(helm.template(second, chart, { flags })).rejects.toThrow(
      /release frostgate in namespace frostgate\. Upgrade that one/,
    )
  })

  test('is upgraded to other values without a conflict, and keeps its CA', async () => {
    const values = { logLevel: 'debug', replicas: 1, podAnnotations: { 'example.com/a': 'b' } }
    const flags = ['--wait', '--timeout', '150s']
    await helm.upgrade(release, chart, { values, flags })
    await helm.upgrade(release, chart, { values, flags })
    expect(await caBundles()).toEqual(bundles)
    expect(await helm.test(release)).toContain('ok      the API server asks the webhook')
  })

  test('is uninstalled without a trace but its definitions, and holds nobody up', async () => {
    await helm.uninstall(release, '--wait')
    for (const kind of [...configurations, 'validatingadmissionpolicy', 'clusterrole'])
      expect(await kubectl.list(kind, undefined, 'app.kubernetes.io/part-of=frostgate')).toEqual([])
    const crds = await kubectl.list('crd', undefined, 'app.kubernetes.io/part-of=frostgate')
    expect(crds).toHaveLength(definedKinds.length)
    // The API server forgets policies a moment after they are deleted.
    await waitUntil(
      'an annotated pod to pass as any other',
      () => kubectl.apply(annotatedPod, '--dry-run=server').catch(String),
      (said) => said.includes('created'),
      { seconds: 20 },
    )
    // Nothing in it has a finalizer of ours: this ends.
    await kubectl.delete('namespace', release.namespace)
  })
})
