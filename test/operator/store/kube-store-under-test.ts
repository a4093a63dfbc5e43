/** An API server as a store to test. */

import { KubeClient } from '../../../operator/kube/client.ts'
import { customResources } from '../../../operator/store/kube-objects.ts'
import { KubeStore } from '../../../operator/store/kube-store.ts'
import type { ObjectReference } from '../../../operator/store/object-store.ts'
import { quick } from '../../support/fake-api-server/reflecting.ts'
import { fakeApiServer } from '../../support/fake-api-server/server.ts'
import type { StoreUnderTest } from './contract.ts'

interface Given {
  readonly kind: ObjectReference['kind'] | 'Secret'
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly stringData?: Readonly<Record<string, string>>
}

const namespace = 'frostgate'
const pluralOf = (kind: Given['kind']): string =>
  kind === 'Secret' ? 'secrets' : customResources[kind].plural

/** The same objects, as an API server would have stored them. */
export async function kubeStore(objects: readonly object[]): Promise<StoreUnderTest> {
  const server = await fakeApiServer()
  const client = new KubeClient(server.access())
  const put = (object: object) => {
    const { stringData, ...given } = object as Given
    const known = server.objects.find(pluralOf(given.kind), namespace, given.metadata.name)
    server.objects.put(pluralOf(given.kind), {
      ...given,
      // stringData is write-only: what is stored is data.
      ...(stringData === undefined ? {} : { data: encoded(stringData) }),
      ...(known?.['status'] === undefined ? {} : { status: known['status'] }),
      metadata: { namespace, ...given.metadata },
    })
    return Promise.resolve()
  }
  server.objects.put('namespaces', { metadata: { name: namespace } })
  for (const object of objects) await put(object)
  return {
    store: new KubeStore(client, {
      connectionNamespaces: [namespace],
      timing: quick,
      debounceMs: 10,
      startTimeoutMs: 2_000,
    }),
    put,
    remove: ({ kind, name }) => {
      server.objects.remove(pluralOf(kind), namespace, name)
      return Promise.resolve()
    },
    statusOf: (reference) =>
      Promise.resolve(
        server.objects.find(pluralOf(reference.kind), reference.namespace, reference.name)?.[
          'status'
        ],
      ),
    close: async () => {
      await client.close()
      await server.close()
    },
  }
}

function encoded(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  )
}
