/** What admission is told of a connection: whether a pod may have it, and what it gets. */

import type { SnowflakeConnection } from '../../crds/types.ts'
import type { ConnectionFacts, SidecarResources } from '../admission/injection.ts'
import { annotations } from '../admission/injection.ts'
import { refuse } from '../admission/refusals/catalogue.ts'
import { annotationField } from '../admission/refusals/pod.ts'
import type { ConnectionLookup } from '../admission/webhook/dependencies.ts'
import { allowed } from '../compile/allowed-namespaces.ts'
import type { Compiled } from '../compile/compile-all.ts'
import { namespaceOf } from '../store/objects.ts'

export interface ConnectionsView {
  /** False until everything was read once. */
  readonly synced: boolean
  readonly compiled: Compiled
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** What a sidecar gets where its connection says nothing. */
  readonly defaults: SidecarResources
}

/**
 * A closed connection still injects: its pods start as soon as it is corrected, and until then
 * their sidecars wait. Refusing them would leave Jobs failed for good.
 */
export function connectionFor(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  podNamespace: string,
  { synced, compiled, namespaces, defaults }: ConnectionsView,
): ConnectionLookup {
  const field = annotationField(annotations.connection)
  const found = compiled.connections.get(`${namespace}/${name}`)
  const labels = namespaces.get(podNamespace)
  if (found === undefined) {
    // Only what this namespace may have: the names of others' connections are theirs.
    const there = [...compiled.connections].flatMap(([key, { connection }]) =>
      labels !== undefined && allowed(connection, podNamespace, labels) ? [key] : [],
    )
    const known = there.length === 0 ? 'none' : there.join(', ')
    return {
      refusal: refuse(
        'ConnectionUnknown',
        field,
        `there is no SnowflakeConnection ${namespace}/${name}; namespace ${podNamespace} may use: ${known}`,
      ),
      transient: !synced,
    }
  }
  if (labels === undefined || !allowed(found.connection, podNamespace, labels)) {
    return {
      refusal: refuse(
        'NamespaceNotAllowed',
        field,
        `SnowflakeConnection ${namespace}/${name} does not allow namespace ${podNamespace}`,
      ),
      transient: labels === undefined,
    }
  }
  return { facts: factsOf(found.connection, defaults) }
}

export function factsOf(
  connection: SnowflakeConnection,
  defaults: SidecarResources,
): ConnectionFacts {
  const { resources, maxResources, conflictingEnv } = connection.spec.sidecar
  const own = completed(resources, defaults)
  return {
    namespace: namespaceOf(connection),
    name: connection.metadata.name,
    account: connection.metadata.name,
    resources: own,
    maxResources: maxResources === undefined ? undefined : completed(maxResources, own),
    conflictingEnv,
  }
}

/** What is not given is as in `otherwise`. */
function completed(
  given: SnowflakeConnection['spec']['sidecar']['resources'],
  otherwise: SidecarResources,
): SidecarResources {
  const { requests, limits } = otherwise
  return {
    requests: {
      cpu: given?.requests?.cpu ?? requests.cpu,
      memory: given?.requests?.memory ?? requests.memory,
    },
    limits: {
      cpu: given?.limits?.cpu ?? limits.cpu,
      memory: given?.limits?.memory ?? limits.memory,
    },
  }
}
