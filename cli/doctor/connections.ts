/** Checks of every SnowflakeConnection, AgentPolicy and MaskingRule, as their status tells. */

import { at, failed, listAt, ok, textAt, warning, type Check, type Finding } from './finding.ts'

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
        const list = await api.get(`${group}/${plural}`)
        return listAt(list, 'items').map((object) => judge(kind, object))
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
  const name = `${kind} ${textAt(object, 'metadata', 'namespace') ?? ''}/${textAt(object, 'metadata', 'name') ?? ''}`
  const ready = listAt(object, 'status', 'conditions').find((each) => at(each, 'type') === 'Ready')
  const generation = at(object, 'metadata', 'generation')
  if (ready === undefined || at(ready, 'observedGeneration') !== generation) {
    return warning(
      `${name} has not been looked at since it was changed`,
      'If this lasts, look whether the operator is running and leads.',
    )
  }
  const message = textAt(ready, 'message') ?? ''
  if (at(ready, 'status') === 'True') return ok(`${name} is ready`)
  return failed(
    `${name} is not ready (${textAt(ready, 'reason') ?? 'no reason'}): ${message}`,
    `kubectl describe ${kind.toLowerCase()} shows it; correct the object and apply it again.`,
  )
}
