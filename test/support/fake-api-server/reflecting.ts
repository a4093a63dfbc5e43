/** A reflector over ConfigMaps of a fake API server, with times that suit a test. */

import { expect, vi } from 'vitest'
import { KubeClient } from '../../../operator/kube/client.ts'
import type { ReflectorProblem, Reflector } from '../../../operator/kube/reflector.ts'
import { reflector } from '../../../operator/kube/reflector.ts'
import { resources } from '../../../operator/kube/resources.ts'
import type { ReflectorTiming } from '../../../operator/kube/timing.ts'
import type { FakeApiServer } from './server.ts'
import { fakeApiServer } from './server.ts'

export const quick: Partial<ReflectorTiming> = {
  idleMs: 300,
  backoff: { leastMs: 10, mostMs: 80 },
  healthyMs: 200,
  auditMs: 3_600_000,
  auditGraceMs: 30,
  listTimeoutMs: 1000,
}

export interface Reflecting {
  readonly server: FakeApiServer
  readonly client: KubeClient
  readonly reflector: Reflector<string>
  readonly problems: ReflectorProblem[]
  /** Creates or changes ConfigMap `name`. */
  readonly put: (name: string, value: string) => void
  readonly remove: (name: string) => void
  /** Waits until the cache is what the server has. */
  readonly converged: () => Promise<void>
}

export interface ReflectingOptions {
  readonly timing?: Partial<ReflectorTiming>
  readonly readToken?: () => string
  /** Before the reflector starts. */
  readonly prepare?: (server: FakeApiServer) => void
}

/** `use` gets it started; everything is closed afterwards. */
export async function withReflector(
  options: ReflectingOptions,
  use: (reflecting: Reflecting) => Promise<void>,
): Promise<void> {
  const server = await fakeApiServer()
  const client = new KubeClient(server.access(options.readToken))
  const problems: ReflectorProblem[] = []
  const made = reflector(client, resources.configMaps, {
    select: ({ data }) => data?.['value'],
    onProblem: (problem) => problems.push(problem),
    timing: { ...quick, ...options.timing },
  })
  const wanted = () =>
    server.objects
      .all('configmaps')
      .map(({ metadata, ...rest }) => [
        `${metadata.namespace ?? ''}/${metadata.name}`,
        (rest['data'] as { value: string }).value,
      ])
  options.prepare?.(server)
  made.start()
  try {
    await use({
      server,
      client,
      reflector: made,
      problems,
      put: (name, value) => {
        server.objects.put('configmaps', { metadata: { namespace: 'ns', name }, data: { value } })
      },
      remove: (name) => {
        server.objects.remove('configmaps', 'ns', name)
      },
      converged: () =>
        vi.waitFor(
          () => {
            expect(made.synced).toBe(true)
            expect([...made.items()].sort()).toEqual(wanted().sort())
          },
          { timeout: 5000, interval: 10 },
        ),
    })
  } finally {
    await made.stop()
    await client.close()
    await server.close()
  }
}
