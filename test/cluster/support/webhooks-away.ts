/** What is left when the operator, or its webhooks, are not there. */

import type { Cluster } from '../cluster.ts'
import type { KubeObject } from '../kubectl.ts'
import { release } from './frostgate.ts'

interface Configuration extends KubeObject {
  readonly webhooks: readonly {
    readonly name: string
    readonly namespaceSelector: { readonly matchExpressions?: readonly object[] }
  }[]
}

/** Those that judge the creation of pods, by configuration. */
const podWebhooks = {
  mutatingwebhookconfiguration: ['inject.frostgate.dev', 'inject-required.frostgate.dev'],
  validatingwebhookconfiguration: ['verify.frostgate.dev'],
} as const

/**
 * As if the webhook configurations were deleted, for pods of some namespaces only; resolves to what
 * brings them back. The API server takes a second or two to notice, either way.
 */
export async function webhooksAway(
  { kubectl }: Cluster,
  namespaces: readonly string[],
): Promise<() => Promise<void>> {
  const exemption = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: namespaces }
  const patch = async (change: (place: string, index: number) => object) => {
    for (const [kind, names] of Object.entries(podWebhooks)) {
      const { webhooks } = await kubectl.get<Configuration>(kind, release.name)
      const operations = webhooks.flatMap(({ name, namespaceSelector }, index) =>
        (names as readonly string[]).includes(name)
          ? [
              change(
                `/webhooks/${index}/namespaceSelector/matchExpressions`,
                (namespaceSelector.matchExpressions ?? []).findIndex(
                  (each) => JSON.stringify(each) === JSON.stringify(exemption),
                ),
              ),
            ]
          : [],
      )
      const text = JSON.stringify(operations)
      await kubectl.run(['patch', kind, release.name, '--type=json', '-p', text])
    }
  }
  await patch((place) => ({ op: 'add', path: `${place}/-`, value: exemption }))
  return () => patch((place, index) => ({ op: 'remove', path: `${place}/${index}` }))
}

/** Ends the operator; resolves, once no replica answers, to what starts as many again. */
export async function operatorAway({ kubectl }: Cluster): Promise<() => Promise<void>> {
  const within = ['-n', release.namespace]
  const deployment = 'deployment/frostgate-operator'
  const replicas = await kubectl.run([
    'get',
    deployment,
    ...within,
    '-o',
    'jsonpath={.spec.replicas}',
  ])
  const scale = (count: string) =>
    kubectl.run(['scale', deployment, ...within, `--replicas=${count}`])
  await scale('0')
  await kubectl.run([
    'wait', '--for=delete', 'pod', '-l', 'app.kubernetes.io/component=operator', ...within, '--timeout=60s',
  ]) // prettier-ignore
  return async () => {
    await scale(replicas)
    await kubectl.run(['rollout', 'status', deployment, ...within, '--timeout=60s'])
  }
}
