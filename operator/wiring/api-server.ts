/** What the rooms ask of the API server, each in the shape that the room wants. */

import type { V1Pod } from '@kubernetes/client-node'

import type { BrokerDependencies, TokenRequest, TokenReviewStatus } from '../broker/dependencies.ts'
import type { PinAccess, PinLease, PinSweepAccess } from '../broker/pins.ts'
import { pinLabel } from '../broker/pins.ts'
import type { CaBundlePatch } from '../certs/ca-bundle.ts'
import type { SecretAccess } from '../certs/secret-access.ts'
import type { KubeClient } from '../kube/client.ts'
import { hasStatus } from '../kube/kube-error.ts'
import { pathOf, resources } from '../kube/resources.ts'

/** The Secret with what replicas share. Made by the operator, never by the chart. */
export function secretAccess(client: KubeClient, namespace: string, name: string): SecretAccess {
  const metadata = { namespace, name }
  return {
    get: async () => {
      const secret = await client.find(resources.secrets, metadata)
      if (secret === undefined) return undefined
      return {
        resourceVersion: secret.metadata?.resourceVersion ?? '',
        data: secret.data ?? {},
      }
    },
    create: (data) =>
      unlessConflict(client.create(resources.secrets, { metadata, type: 'Opaque', data })),
    update: (data, resourceVersion) =>
      unlessConflict(
        client.update(resources.secrets, {
          metadata: { ...metadata, resourceVersion },
          type: 'Opaque',
          data,
        }),
        404,
      ),
  }
}

async function unlessConflict(
  work: Promise<unknown>,
  ...also: readonly number[]
): Promise<'written' | 'conflict'> {
  try {
    await work
    return 'written'
  } catch (error) {
    if ([409, ...also].some((status) => hasStatus(error, status))) return 'conflict'
    throw error
  }
}

export function pinAccess(client: KubeClient, namespace: string): PinAccess {
  return {
    get: async (name) =>
      (await client.find(resources.leases, { namespace, name })) as PinLease | undefined,
    create: async (lease) => {
      const { metadata, spec } = lease
      const written = await unlessConflict(
        client.create(resources.leases, { metadata: { ...metadata, namespace }, spec }),
      )
      return written === 'written' ? 'created' : 'conflict'
    },
  }
}

/** From which no pod comes back. */
const finalPhases: ReadonlySet<string | undefined> = new Set(['Succeeded', 'Failed'])

export function pinSweepAccess(client: KubeClient, namespace: string): PinSweepAccess {
  return {
    list: async () => {
      const { items } = await client.list(resources.leases, {
        namespace,
        labelSelector: pinLabel,
      })
      return items as unknown as readonly PinLease[]
    },
    delete: (name) => client.delete(resources.leases, { namespace, name }),
    podUid: async (podNamespace, name) => {
      const { metadata, status } = (await readPod(client)(podNamespace, name)) ?? {}
      // Pods of Jobs stay for long after they have ended; enrolment refuses such.
      return finalPhases.has(status?.phase) ? undefined : metadata?.uid
    },
  }
}

/** client-node's types have dates where the wire has texts; nobody here looks at those. */
export function readPod(client: KubeClient): BrokerDependencies['readPod'] {
  return async (namespace, name) =>
    (await client.find(resources.pods, { namespace, name })) as unknown as V1Pod | undefined
}

/** authentication.k8s.io/v1 TokenReview. */
export function reviewToken(client: KubeClient): BrokerDependencies['reviewToken'] {
  return async (token, audience) => {
    const { status } = await client.post<{ readonly status?: TokenReviewStatus }>(
      '/apis/authentication.k8s.io/v1/tokenreviews',
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token, audiences: [audience] },
      },
    )
    return status ?? {}
  }
}

/** authentication.k8s.io/v1 TokenRequest, for Snowflake workload identity federation. */
export function mintToken(client: KubeClient): BrokerDependencies['mintToken'] {
  return async ({ namespace, serviceAccount, audience, expirationSeconds }: TokenRequest) => {
    const path = pathOf(resources.serviceAccounts, {
      namespace,
      name: serviceAccount,
      subresource: 'token',
    })
    const { status } = await client.post<{
      readonly status: { readonly token: string; readonly expirationTimestamp: string }
    }>(path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [audience], expirationSeconds },
    })
    return {
      token: status.token,
      expiresAt: Math.floor(Date.parse(status.expirationTimestamp) / 1000),
    }
  }
}

export function applyPatch(
  client: KubeClient,
): (patch: CaBundlePatch, signal: AbortSignal) => Promise<unknown> {
  return (patch, signal) => {
    const resource =
      patch.kind === 'MutatingWebhookConfiguration'
        ? resources.mutatingWebhooks
        : resources.validatingWebhooks
    const path = pathOf(resource, { name: patch.metadata.name })
    return client.request('PATCH', path, {
      body: patch,
      contentType: 'application/apply-patch+yaml',
      // The chart never sets the field; another manager that did would lock the webhooks out.
      query: { fieldManager: 'frostgate', force: true },
      signal,
    })
  }
}
