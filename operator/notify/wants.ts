/** Which connections a target hears of. */

import type { ApprovalRequest } from '../../crds/types.ts'

/** @param connections names, with or without `namespace/`; undefined means all. */
export function wantsConnections(
  connections: readonly string[] | undefined,
): (request: ApprovalRequest) => boolean {
  if (connections === undefined) return () => true
  const wanted = new Set(connections)
  return ({ metadata, spec }) => {
    const { name } = spec.connectionRef
    return wanted.has(name) || wanted.has(`${metadata.namespace ?? ''}/${name}`)
  }
}
