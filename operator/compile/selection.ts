import type { SnowflakeConnection } from '../../crds/types.ts'
import type { Located } from '../store/objects.ts'
import { describeObject, namespaceOf } from '../store/objects.ts'
import type { Problem } from '../store/problem.ts'

type Selected = { readonly located: Located<SnowflakeConnection> } | { readonly problem: Problem }

/** The connection called `name` or `namespace/name`; without a name, the only one. */
export function selectConnection(
  connections: readonly Located<SnowflakeConnection>[],
  name: string | undefined,
): Selected {
  const matching = connections.filter(
    ({ object }) => name === undefined || namesOf(object).includes(name),
  )
  const [only, second] = matching
  if (only !== undefined && second === undefined) return { located: only }
  const all = connections.map(({ object }) => namesOf(object)[1]).join(', ')
  const what = name === undefined ? '' : ` called "${name}"`
  const place = second?.locate(['metadata', 'name'])
  return {
    problem: {
      file: place?.file,
      line: place?.line,
      column: place?.column,
      object: second === undefined ? undefined : describeObject(second.object),
      field: '',
      message: `there ${second === undefined ? 'is no' : 'are several'} SnowflakeConnection${
        second === undefined ? '' : 's'
      }${what}`,
      advice: all === '' ? 'Add one.' : `Choose one by name: ${all}.`,
    },
  }
}

function namesOf({ metadata, ...rest }: SnowflakeConnection): readonly [string, string] {
  return [metadata.name, `${namespaceOf({ metadata, ...rest })}/${metadata.name}`]
}
