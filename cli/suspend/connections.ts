/** Writes `spec.suspend` of connections in a cluster, and waits for their sidecars. */

import { setTimeout as delay } from 'node:timers/promises'

import type { OpenApi } from '../cluster/api.ts'
import { at, listAt, refusalOf, textAt } from '../doctor/finding.ts'
import { CliError } from '../output.ts'
import { patchOf, type SuspendField } from './change.ts'

export interface Found {
  readonly namespace: string
  readonly name: string
  /** Of the object, at the API server. */
  readonly path: string
  readonly providers: readonly string[]
}

/** What became of one connection. */
export type Outcome = Pick<Found, 'namespace' | 'name'> & {
  readonly suspend: SuspendField | null
  readonly changed: boolean
} & (
    | {
        readonly sidecars: { readonly connected: number; readonly inSync: number }
        readonly done: boolean
      }
    | { readonly refused: string }
  )

const plural = 'snowflakeconnections'
const group = '/apis/frostgate.dev/v1alpha1'
/** Somebody else writes the same object: the operator its status, Git its fields. */
const attempts = 6
/** Milliseconds between two looks. */
const interval = 200

/**
 * Of the whole cluster, or of `namespace` where it is given, those whose name is `connection`
 * (`name` or `namespace/name`); all, if that is undefined. Errors: CliError.
 */
export async function connectionsOf(
  api: OpenApi,
  connection: string | undefined,
  namespace: string | undefined,
): Promise<readonly Found[]> {
  const [name, within] = splitName(connection, namespace)
  const path =
    within === undefined ? `${group}/${plural}` : `${group}/namespaces/${within}/${plural}`
  const objects = await asked(api.list(path))
  const found = objects
    .map((object) => ({
      namespace: textAt(object, 'metadata', 'namespace') ?? '',
      name: textAt(object, 'metadata', 'name') ?? '',
      providers: listAt(object, 'spec', 'identityProviders').flatMap(
        (each) => textAt(each, 'name') ?? [],
      ),
    }))
    .filter((each) => name === undefined || each.name === name)
    .map((each) => ({
      ...each,
      path: `${group}/namespaces/${each.namespace}/${plural}/${each.name}`,
    }))
  if (found.length > 0) return found
  const what =
    name === undefined
      ? 'There is no SnowflakeConnection'
      : `There is no SnowflakeConnection ${name}`
  const where = within === undefined ? 'in this cluster' : `in namespace ${within}`
  throw new CliError(`${what} ${where}; frostgate status --all-namespaces lists what there is.`)
}

function splitName(
  connection: string | undefined,
  namespace: string | undefined,
): readonly [string | undefined, string | undefined] {
  if (connection === undefined) return [undefined, namespace]
  const [first = '', second, ...more] = connection.split('/')
  if (more.length > 0 || first === '' || second === '') {
    throw new CliError(`"${connection}" is neither NAME nor NAMESPACE/NAME.`)
  }
  return second === undefined ? [first, namespace ?? 'frostgate'] : [second, first]
}

/** Never rejects: of several connections, one that is refused must not keep the others running. */
export async function change(
  api: OpenApi,
  { path, namespace, name }: Found,
  to: (now: SuspendField | undefined) => SuspendField | null,
  waitMs: number,
): Promise<Outcome> {
  let suspend: SuspendField | null = null
  try {
    for (let attempt = 1; ; attempt += 1) {
      const object = await api.get(path)
      const now = at(object, 'spec', 'suspend') as SuspendField | undefined
      suspend = to(now)
      if (JSON.stringify(patchOf(suspend)) === JSON.stringify(patchOf(now ?? null))) {
        const settled = await settle(api, path, generationOf(object), waitMs)
        return { namespace, name, suspend, changed: false, ...settled }
      }
      const resourceVersion = textAt(object, 'metadata', 'resourceVersion')
      const patch = { metadata: { resourceVersion }, spec: { suspend: patchOf(suspend) } }
      try {
        const written = await api.patch(path, patch)
        const settled = await settle(api, path, generationOf(written), waitMs)
        return { namespace, name, suspend, changed: true, ...settled }
      } catch (error) {
        if (refusalOf(error)?.status !== 409 || attempt === attempts) throw error
      }
    }
  } catch (error) {
    const refused = error instanceof Error ? error.message : String(error)
    return { namespace, name, suspend, changed: false, refused }
  }
}

/** Until all sidecars that are connected enforce what this generation says, or the time is over. */
async function settle(api: OpenApi, path: string, generation: number, waitMs: number) {
  const deadline = performance.now() + waitMs
  for (;;) {
    const object = await api.get(path)
    const sidecars = {
      connected: Number(at(object, 'status', 'sidecars', 'connected') ?? 0),
      inSync: Number(at(object, 'status', 'sidecars', 'inSync') ?? 0),
    }
    const seen = Number(at(object, 'status', 'observedGeneration') ?? 0) >= generation
    const done = seen && sidecars.inSync >= sidecars.connected
    if (done) return { sidecars, done }
    if (performance.now() > deadline) {
      return { sidecars: seen ? sidecars : { ...sidecars, inSync: 0 }, done }
    }
    await delay(interval)
  }
}

function generationOf(object: unknown): number {
  return Number(at(object, 'metadata', 'generation') ?? 0)
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CliError) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new CliError(`The cluster cannot be asked: ${message}`)
  }
}
