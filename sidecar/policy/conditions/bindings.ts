/** The environment as the CEL library takes it, and how large it is. */

import type { Size } from './cost.ts'
import type { ConditionEnvironment } from './environment.ts'

/** Claims are as deep as their issuer likes; deeper ones fail the condition. */
const maxDepth = 16

export function bindings({ principal, statement, session, now }: ConditionEnvironment) {
  return {
    principal: { ...principal, groups: [...principal.groups], claims: asMap(principal.claims, 0) },
    statement,
    session,
    now: new Date(now),
  }
}

/** Objects become maps, so that no claim is looked up among what every object inherits. */
function asValue(value: unknown, depth: number): unknown {
  if (depth > maxDepth) throw new RangeError('claims are nested too deeply')
  if (Array.isArray(value)) return value.map((each) => asValue(each, depth + 1))
  return typeof value === 'object' && value !== null ? asMap(value, depth) : value
}

function asMap(value: object, depth: number): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(value).map(([key, each]) => [key, asValue(each, depth + 1)]))
}

/** @throws RangeError if claims are nested too deeply. */
export function sizeOf({ principal, statement, session }: ConditionEnvironment): Size {
  return measureValue([principal, statement, session], 0)
}

function measureValue(value: unknown, depth: number): Size {
  if (depth > maxDepth + 4) throw new RangeError('claims are nested too deeply')
  if (typeof value === 'string') return { values: 1, longest: value.length }
  if (typeof value !== 'object' || value === null) return { values: 1, longest: 0 }
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value)
  let values = 1
  let longest = 0
  for (const [key, each] of entries) {
    const inner = measureValue(each, depth + 1)
    values += inner.values
    longest = Math.max(longest, inner.longest, Array.isArray(value) ? 0 : key.length)
  }
  return { values, longest }
}
