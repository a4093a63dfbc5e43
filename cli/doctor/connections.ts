/** Checks of every SnowflakeConnection, AgentPolicy and MaskingRule, as their status tells. */

import { at, failed, listAt, ok, textAt, warning, type Check, type Finding } from './finding.ts'
import { remedyFor } from './remedies.ts'

const group = '/apis/frostgate.dev/v1alpha1'

const kinds = [
  ['snowflakeconnections', 'SnowflakeConnection'],
  ['agentpolicies', 'AgentPolicy'],
  ['maskingrules', 'MaskingRule'],
] as const

export const connectionsCheck: Check = {
  name: 'connections',
  run: async ({ api }) => {
    const lists = await Promise.all(
      kinds.map(async ([plural, kind]) => {
        const objects = await api.list(`${group}/${plural}`)
        return objects.map((object) => judge(kind, object))
      }),
    )
    const [connections = []] = lists
    return connections.length === 0
      ? [
          warning(
            'there is no SnowflakeConnection',
            'docs/getting-started.md applies the first one.',
          ),
        ]
      : lists.flat()
  },
}

function judge(kind: string, object: unknown): Omit<Finding, 'check'> {
  const [namespace = '', name = ''] = ['namespace', 'name'].map((field) =>
    textAt(object, 'metadata', field),
  )
  const title = `${kind} ${namespace}/${name}`
  const ready = listAt(object, 'status', 'conditions').find((each) => at(each, 'type') === 'Ready')
  const generation = at(object, 'metadata', 'generation')
  if (ready === undefined || at(ready, 'observedGeneration') !== generation) {
    return warning(
      `${title} has not been looked at since it was changed`,
      'If this lasts, look whether the operator is running and leads.',
    )
  }
  const [reason, message] = [textAt(ready, 'reason'), textAt(ready, 'message') ?? '']
  if (at(ready, 'status') === 'True') return ok(`${title} is ready`)
  const found = at(ready, 'status') === 'Unknown' ? warning : failed
  return found(
    `${title} is not ready (${reason ?? 'no reason'}): ${message}`,
    remedyFor(reason, { kind, namespace, name }),
  )
}
