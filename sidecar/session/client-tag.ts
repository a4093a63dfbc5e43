/** QUERY_TAG as the client sets it: it never goes to Snowflake but inside the gateway's own. */

import { isObject } from '../json.ts'

export function isTag(name: string): boolean {
  return name.toUpperCase() === 'QUERY_TAG'
}

/** Among parameters of a login or a request; undefined where there is none. */
export function tagAmong(parameters: unknown): string | undefined {
  if (!isObject(parameters)) return undefined
  const tag = Object.entries(parameters).find(([name]) => isTag(name))?.[1]
  return typeof tag === 'string' ? tag : undefined
}
