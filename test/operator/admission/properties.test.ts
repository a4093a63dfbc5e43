/** What holds for every pod, whoever wrote it. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { inject } from '../../../operator/admission/inject/inject.ts'
import { patch } from '../../../operator/admission/inject/patch.ts'
import { annotations } from '../../../operator/admission/injection.ts'
import type { Container, Pod, PodSpec, Volume } from '../../../operator/admission/pod.ts'
import { verify, verifyRunning } from '../../../operator/admission/verify/verify.ts'
import { connection, context, operator } from './support/context.ts'
import { apply } from './support/json-patch.ts'
import { refusalsOf } from './support/pods.ts'

const warn = { ...context, connection: { ...connection, conflictingEnv: 'Warn' as const } }

const names = fc.constantFrom('a', 'b', 'c', 'istio-proxy', 'daprd', 'vault-agent')
const environment = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom(
      'PATH',
      'NO_PROXY',
      'no_proxy',
      'SNOWFLAKE_HOST',
      'SNOWFLAKE_ACCOUNT',
      'SNOWFLAKE_PASSWORD',
      'SNOWFLAKE_DATABASE',
    ),
    value: fc.constantFrom('', '127.0.0.1', 'acme', '*', '.svc,localhost', 'x'),
  }),
  { selector: ({ name }) => name },
)
const benign: fc.Arbitrary<Container> = fc.record(
  {
    name: names,
    image: fc.constantFrom('busybox', 'ghcr.io/acme/app:1'),
    env: environment,
    ports: fc.array(fc.record({ containerPort: fc.integer({ min: 1, max: 8000 }) }), {
      maxLength: 2,
    }),
    securityContext: fc.record(
      { runAsUser: fc.integer({ min: 0, max: 65_000 }), readOnlyRootFilesystem: fc.boolean() },
      { requiredKeys: [] },
    ),
    volumeMounts: fc.array(fc.constant({ name: 'scratch', mountPath: '/scratch' }), {
      maxLength: 1,
    }),
  },
  { requiredKeys: ['name', 'image'] },
)
/** With what is refused among it. */
const any: fc.Arbitrary<Container> = fc.oneof(
  benign,
  benign.map((container) => ({ ...container, securityContext: { privileged: true } })),
  benign.map((container) => ({ ...container, ports: [{ containerPort: 8085 }] })),
  benign.map((container) => ({
    ...container,
    volumeMounts: [{ name: 'frostgate-key', mountPath: '/k' }],
  })),
)
const volumes = fc.constantFrom<Volume[][]>(
  [],
  [{ name: 'scratch', emptyDir: {} }],
  [
    { name: 'config', configMap: { name: 'x' } },
    { name: 'scratch', emptyDir: {} },
  ],
)
const anyVolumes: fc.Arbitrary<Volume[]> = fc.oneof(
  volumes,
  fc.constant<Volume[]>([{ name: 'root', hostPath: { path: '/' } }]),
)

function pods(container: fc.Arbitrary<Container>, some: fc.Arbitrary<Volume[]>): fc.Arbitrary<Pod> {
  const list = fc.uniqueArray(container, {
    selector: ({ name }) => name,
    minLength: 2,
    maxLength: 6,
  })
  return fc
    .record({
      list,
      inits: fc.nat(1),
      volumes: some,
      bare: fc.boolean(),
      security: fc.option(fc.constant({ fsGroup: 1000, runAsNonRoot: true }), { nil: undefined }),
      more: fc.constantFrom(
        {},
        { [annotations.logLevel]: 'debug' },
        { [annotations.memoryLimit]: '512Mi', [annotations.excludeContainers]: 'a' },
      ),
    })
    .map(({ list, inits, volumes, bare, security, more }) => {
      const spec: PodSpec = {
        containers: list.slice(inits),
        ...(inits === 0 && bare ? {} : { initContainers: list.slice(0, inits) }),
        ...(volumes.length === 0 && bare ? {} : { volumes }),
        ...(security === undefined ? {} : { securityContext: security }),
      }
      if (bare) return { spec }
      return {
        metadata: {
          labels: { app: 'x' },
          annotations: { [annotations.connection]: 'acme', ...more },
        },
        spec,
      }
    })
}

const ordinary = pods(benign, volumes)
const every = pods(any, anyVolumes)

function given(pod: Pod): Pod {
  const result = inject(pod, warn)
  if ('refusals' in result) throw new Error(JSON.stringify(result.refusals))
  return result.pod
}

describe('Whatever the pod,', () => {
  test('injecting twice is injecting once', () => {
    fc.assert(
      fc.property(ordinary, (pod) => {
        const once = given(pod)
        expect(given(once)).toEqual(once)
        expect(patch(once, given(once))).toEqual([])
      }),
    )
  })

  test('what was injected is verified, new and running', () => {
    fc.assert(
      fc.property(ordinary, (pod) => {
        expect(verify(given(pod), warn)).toEqual([])
        expect(verifyRunning(given(pod), warn)).toEqual([])
        // A newer operator with another CA, image and seal text: the pod goes on.
        const newer = { ...operator, version: '2.0.0', trust: 'new', image: 'ghcr.io/x:2' }
        expect(verifyRunning(given(pod), { ...warn, operator: newer })).toEqual([])
      }),
    )
  })

  test('the patch makes of it what inject makes of it', () => {
    fc.assert(
      fc.property(ordinary, (pod) => {
        expect(apply(pod, patch(pod, given(pod)))).toEqual(given(pod))
      }),
    )
  })

  test('the order of its containers does not matter to the sidecar, nor to what is refused', () => {
    fc.assert(
      fc.property(every, (pod) => {
        const turned: Pod = {
          ...pod,
          spec: {
            ...pod.spec,
            containers: (pod.spec?.containers ?? []).toReversed(),
            volumes: (pod.spec?.volumes ?? []).toReversed(),
          },
        }
        const [one, other] = [pod, turned].map((each) => inject(each, warn))
        if (one === undefined || other === undefined) throw new Error('two pods were given')
        const found = (result: typeof one) =>
          'refusals' in result ? result.refusals.map(({ reason }) => reason).toSorted() : []
        expect(found(other)).toEqual(found(one))
        if ('refusals' in one || 'refusals' in other) return
        expect(other.pod.spec?.initContainers?.[0]).toEqual(one.pod.spec?.initContainers?.[0])
        expect(other.pod.metadata?.annotations?.[annotations.injected]).toBe(
          one.pod.metadata?.annotations?.[annotations.injected],
        )
      }),
    )
  })

  test('nothing of the author’s is removed, loosened or reordered', () => {
    fc.assert(
      fc.property(ordinary, (pod) => {
        const after = given(pod)
        const { containers = [], initContainers, securityContext, volumes = [] } = pod.spec ?? {}
        expect(after.spec?.securityContext).toEqual(securityContext)
        expect(after.spec?.volumes?.slice(0, volumes.length)).toEqual(volumes)
        const lists = [
          [initContainers ?? [], (after.spec?.initContainers ?? []).slice(1)],
          [containers, after.spec?.containers ?? []],
        ] as const
        for (const [before, now] of lists) {
          expect(now.map(({ name }) => name)).toEqual(before.map(({ name }) => name))
          for (const [index, container] of before.entries()) {
            const { env, volumeMounts, ...same } = container
            expect(now[index]).toMatchObject(same)
            expect(now[index]?.securityContext).toEqual(container.securityContext)
            expect(now[index]?.volumeMounts ?? []).toEqual(
              expect.arrayContaining(volumeMounts ?? []),
            )
            const kept = (env ?? []).filter(({ name }) => !/^no_proxy$/i.test(name))
            expect(now[index]?.env ?? []).toEqual(expect.arrayContaining(kept))
            for (const { name, value } of env ?? [])
              if (/^no_proxy$/i.test(name))
                expect(now[index]?.env?.find((each) => each.name === name)?.value).toContain(value)
          }
        }
      }),
    )
  })

  test('it is refused if, and only if, a container or volume of it is', () => {
    fc.assert(
      fc.property(every, (pod) => {
        const bad =
          JSON.stringify(pod).includes('"privileged":true') ||
          JSON.stringify(pod).includes('8085') ||
          JSON.stringify(pod).includes('frostgate-key') ||
          JSON.stringify(pod).includes('hostPath')
        expect(refusalsOf(pod, warn).length > 0).toBe(bad)
      }),
    )
  })
})
