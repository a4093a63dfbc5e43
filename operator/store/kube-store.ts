/** Configuration objects from an API server, always as of now. */

import { isDeepStrictEqual } from 'node:util'
import type { KubeClient } from '../kube/client.ts'
import type { Change } from '../kube/item-cache.ts'
import type { Reflector, ReflectorOptions, ReflectorProblem } from '../kube/reflector.ts'
import { startListing } from '../kube/listed.ts'
import { reflector } from '../kube/reflector.ts'
import type { KubeObject, Resource } from '../kube/resources.ts'
import { apiVersionOf, resources } from '../kube/resources.ts'
import type { ReflectorTiming } from '../kube/timing.ts'
import type { CustomObject, Recognised, Stored } from './kube-objects.ts'
import {
  customResources,
  locatedInCluster,
  recogniseStored,
  secretOf,
  storedOf,
} from './kube-objects.ts'
import type { ObjectReference, ObjectStore, Snapshot } from './object-store.ts'
import type { Located, Secret } from './objects.ts'

export interface KubeStoreOptions {
  /** Where alone Secrets are read. */
  readonly connectionNamespaces: readonly string[]
  /** For the log. */
  readonly onProblem?: (problem: ReflectorProblem | { during: 'onChange'; error: unknown }) => void
  readonly timing?: Partial<ReflectorTiming>
  /** Milliseconds in which changes are taken for one; 50 by default. */
  readonly debounceMs?: number
  /** Milliseconds that `start` waits for everything to be read; 60 s by default. */
  readonly startTimeoutMs?: number
}

type Labels = Readonly<Record<string, string>>

interface Namespace {
  readonly labels: Labels
  readonly isTerminating: boolean
}

/** Helm's own Secrets are large and many, and none of them is ever referred to. */
const secretSelector = 'type!=helm.sh/release.v1'

export class KubeStore implements ObjectStore {
  readonly #client: KubeClient
  readonly #options: KubeStoreOptions
  readonly #custom: Readonly<Record<ObjectReference['kind'], Reflector<Stored>>>
  readonly #secrets: readonly Reflector<Secret>[]
  readonly #namespaces: Reflector<Namespace>
  readonly #listeners = new Set<() => void>()
  /** By kind and key: what was made of the revision that is known. */
  #recognised = new Map<string, { readonly revision: string; readonly made: Recognised }>()
  #located = new WeakMap<Secret, Located<Secret>>()
  #snapshot: Snapshot = empty
  #told: Snapshot = empty
  #dirty = true
  #debounce: NodeJS.Timeout | undefined

  constructor(client: KubeClient, options: KubeStoreOptions) {
    this.#client = client
    this.#options = options
    const custom = (kind: ObjectReference['kind']) =>
      this.#reflector(customResources[kind], {
        select: (raw) => storedOf(kind, raw),
      })
    this.#custom = {
      SnowflakeConnection: custom('SnowflakeConnection'),
      AgentPolicy: custom('AgentPolicy'),
      MaskingRule: custom('MaskingRule'),
    }
    this.#secrets = [...new Set(options.connectionNamespaces)].map((namespace) =>
      this.#reflector(resources.secrets as Resource<KubeObject>, {
        namespace,
        fieldSelector: secretSelector,
        select: secretOf,
      }),
    )
    this.#namespaces = this.#reflector(resources.namespaces, {
      select: ({ metadata = {} }) => ({
        labels: metadata.labels ?? {},
        isTerminating: metadata.deletionTimestamp !== undefined,
      }),
    })
  }

  get synced(): boolean {
    return this.reflectors.every(({ synced }) => synced)
  }

  /** For metrics. */
  get reflectors(): readonly Reflector<unknown>[] {
    return [...Object.values(this.#custom), ...this.#secrets, this.#namespaces]
  }

  /** Rejects, naming what cannot be read, if not everything was read in time; goes on trying. */
  async start(): Promise<void> {
    const { startTimeoutMs = 60_000 } = this.#options
    const reasons = await startListing(this.reflectors, startTimeoutMs)
    if (reasons.length === 0) return
    throw new Error(
      `Not everything could be read within ${startTimeoutMs} ms. ${reasons.join('; ')}. ` +
        'Check that the CustomResourceDefinitions are installed and the role binding is in place.',
    )
  }

  snapshot(): Snapshot {
    if (this.#dirty) {
      this.#dirty = false
      this.#snapshot = this.#read(this.#snapshot)
    }
    return this.#snapshot
  }

  /** As the API server has it, which may be ahead of what the snapshot was compiled to. */
  status({ kind, namespace, name }: ObjectReference): Stored['status'] {
    return this.#custom[kind].items().get(`${namespace}/${name}`)?.status
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async writeStatus(
    { kind, namespace, name }: ObjectReference,
    status: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const resource = customResources[kind] as Resource<KubeObject>
    const object = {
      apiVersion: apiVersionOf(resource),
      kind,
      metadata: { namespace, name },
      status,
    }
    // Status is nobody else's: what a person wrote into it by hand must not stop us.
    await this.#client.applyStatus(resource, object, { force: true })
  }

  async stop(): Promise<void> {
    this.#listeners.clear()
    clearTimeout(this.#debounce)
    await Promise.all(this.reflectors.map((each) => each.stop()))
    clearTimeout(this.#debounce)
  }

  #reflector<T>(
    resource: Resource<KubeObject>,
    options: ReflectorOptions<KubeObject, T>,
  ): Reflector<T> {
    const { onProblem, timing } = this.#options
    const made = reflector(this.#client, resource, {
      ...options,
      ...(onProblem === undefined ? {} : { onProblem }),
      ...(timing === undefined ? {} : { timing }),
    })
    made.onChange((changes) => {
      // Our own writes of status come back as changes, thousands of them when a replica comes to lead.
      if (changes.every(isOfStatus)) return
      this.#dirty = true
      this.#debounce ??= setTimeout(() => {
        this.#tell()
      }, this.#options.debounceMs ?? 50)
    })
    return made
  }

  #tell(): void {
    this.#debounce = undefined
    // Half of what is there is not a configuration.
    if (!this.synced) return
    const snapshot = this.snapshot()
    if (snapshot === this.#told) return
    this.#told = snapshot
    for (const listener of this.#listeners) {
      try {
        listener()
      } catch (error) {
        this.#options.onProblem?.({ during: 'onChange', error })
      }
    }
  }

  /** What did not change is the same value as in `earlier`, down to each object. */
  #read(earlier: Snapshot): Snapshot {
    const recognised = new Map<string, { readonly revision: string; readonly made: Recognised }>()
    for (const [kind, { items }] of Object.entries(this.#stored())) {
      for (const [key, stored] of items) {
        const id = `${kind} ${key}`
        const known = this.#recognised.get(id)
        const fresh = known?.revision === stored.revision ? known : undefined
        recognised.set(id, fresh ?? { revision: stored.revision, made: recogniseStored(stored) })
      }
    }
    this.#recognised = recognised
    const made = [...recognised.values()].map((each) => each.made)
    const located = made.flatMap((each) => ('located' in each ? [each.located] : []))
    const { connections, policies, maskingRules, secrets } = earlier.objects
    const next: Snapshot = {
      objects: {
        connections: same(connections, ofKind(located, 'SnowflakeConnection')),
        policies: same(policies, ofKind(located, 'AgentPolicy')),
        maskingRules: same(maskingRules, ofKind(located, 'MaskingRule')),
        secrets: same(secrets, this.#readSecrets()),
      },
      malformed: same(
        earlier.malformed,
        made.flatMap((each) => ('malformed' in each ? [each.malformed] : [])),
      ),
      ...sameNamespaces(earlier, this.#namespaces.items()),
    }
    return isSame(earlier, next) ? earlier : next
  }

  #stored() {
    return Object.fromEntries(
      Object.entries(this.#custom).map(([kind, each]) => [kind, { items: sorted(each.items()) }]),
    )
  }

  #readSecrets(): readonly Located<Secret>[] {
    const all = new Map(this.#secrets.flatMap((each) => [...each.items()]))
    return sorted(all).map(([, secret]) => {
      const known = this.#located.get(secret) ?? locatedInCluster(secret)
      this.#located.set(secret, known)
      return known
    })
  }
}

const empty: Snapshot = {
  objects: { connections: [], policies: [], maskingRules: [], secrets: [] },
  malformed: [],
  namespaces: new Map(),
  terminating: new Set(),
}

/** In an order that does not depend on which event came first. */
function sorted<T>(items: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...items].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** Only what we wrote ourselves is another. */
function isOfStatus({ type, item, previous }: Change<unknown>): boolean {
  const revision = revisionOf(item)
  return type === 'Modified' && revision !== undefined && revision === revisionOf(previous)
}

function revisionOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'revision' in item ? item.revision : undefined
}

function ofKind<K extends CustomObject['kind']>(all: readonly Located<CustomObject>[], kind: K) {
  return all.filter(
    (each): each is Located<Extract<CustomObject, { kind: K }>> => each.object.kind === kind,
  )
}

function same<T>(earlier: readonly T[], now: readonly T[]): readonly T[] {
  const equal = earlier.length === now.length && earlier.every((each, index) => each === now[index])
  return equal ? earlier : now
}

function sameNamespaces(
  earlier: Snapshot,
  now: ReadonlyMap<string, Namespace>,
): Pick<Snapshot, 'namespaces' | 'terminating'> {
  const entries = sorted(now)
  const namespaces = new Map(entries.map(([name, { labels }]) => [name, labels]))
  const terminating = new Set(
    entries.flatMap(([name, { isTerminating }]) => (isTerminating ? [name] : [])),
  )
  return {
    namespaces: isDeepStrictEqual(earlier.namespaces, namespaces) ? earlier.namespaces : namespaces,
    terminating:
      earlier.terminating !== undefined && isDeepStrictEqual(earlier.terminating, terminating)
        ? earlier.terminating
        : terminating,
  }
}

function isSame(a: Snapshot, b: Snapshot): boolean {
  const { connections, policies, maskingRules, secrets } = a.objects
  return (
    connections === b.objects.connections &&
    policies === b.objects.policies &&
    maskingRules === b.objects.maskingRules &&
    secrets === b.objects.secrets &&
    a.malformed === b.malformed &&
    a.namespaces === b.namespaces &&
    a.terminating === b.terminating
  )
}
