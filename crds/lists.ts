/** Lists that are sets, or maps by some of their items' fields: no entry twice. */

import type { OpenApiSchema } from './definitions.ts'
import type { FieldPath, FieldProblem } from './field-path.ts'
import { showValue, valueAt } from './field-path.ts'

/** One problem for each entry that repeats an earlier one. */
export function listProblems(
  schema: OpenApiSchema,
  list: readonly unknown[],
  path: FieldPath,
): readonly FieldProblem[] {
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const isMap = schema['x-kubernetes-list-type'] === 'map'
  if (!isMap && schema['x-kubernetes-list-type'] !== 'set') return []
  const first = new Map<string, number>()
  return list.flatMap((item, index) => {
    const key = isMap ? keys.map((name) => valueAt(item, [name])) : [item]
    // An item without its key is refused by the schema.
    if (key.includes(undefined)) return []
    const text = JSON.stringify(key)
    const earlier = first.get(text)
    if (earlier === undefined) {
      first.set(text, index)
      return []
    }
    return [
      {
        path: [...path, index, ...(isMap ? keys : [])],
        message: `${key.map(showValue).join(', ')} is in the list twice, first as entry ${earlier}`,
        advice: isMap ? 'Give each entry a name of its own.' : 'Remove one.',
      },
    ]
  })
}
