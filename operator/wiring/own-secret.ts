/** Whether the operator's own Secret has changed, seen by the store's watch before a timer would. */

import type { ConfigObjects, Secret } from '../store/objects.ts'

/** To be called after each change; true if that Secret is another than at the call before. */
export function secretChanges(
  namespace: string,
  name: string,
): (objects: Pick<ConfigObjects, 'secrets'>) => boolean {
  let seen: Secret | undefined
  return ({ secrets }) => {
    const now = secrets.find(
      ({ object: { metadata } }) => metadata.name === name && metadata.namespace === namespace,
    )?.object
    const changed = now !== seen
    seen = now
    return changed
  }
}
