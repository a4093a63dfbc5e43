import { describe, expect, test } from 'vitest'

import { defaultConnectionLabel, injectionLabel } from '../../../../operator/admission/injection.ts'
import type { Pod } from '../../../../operator/admission/pod.ts'
import { refuse } from '../../../../operator/admission/refusals/catalogue.ts'
import type { PatchOperation } from '../../../../operator/admission/inject/patch.ts'
import type {
  AdmissionDependencies,
  AdmissionEvent,
} from '../../../../operator/admission/webhook/dependencies.ts'
import { admissionHandler } from '../../../../operator/admission/webhook/handler.ts'
import { connection, context, operator } from '../support/context.ts'
import { apply } from '../support/json-patch.ts'
import { app, changed, injected, podWith } from '../support/pods.ts'

const bare: Pod = { metadata: { name: 'bare' }, spec: { containers: [app] } }

interface Asked {
  readonly path?: string
  readonly operation?: string
  readonly resource?: string
  readonly subResource?: string
  readonly object?: unknown
  readonly oldObject?: unknown
  readonly dryRun?: boolean
  readonly namespace?: string | null
  readonly username?: string
}

function ask(asked: Asked, more: Partial<AdmissionDependencies> = {}) {
  const events: AdmissionEvent[] = []
  const handle = admissionHandler({
    operator: () => operator,
    namespaceLabels: () => ({}),
    connectionFor: ({ namespace, name }) =>
      namespace === 'frostgate' && name === 'acme'
        ? { facts: connection }
        : {
            refusal: refuse('Annotation', 'metadata', `there is no ${namespace}/${name}`),
            transient: false,
          },
    validate: () => ({ errors: [], warnings: [] }),
    record: (event) => events.push(event),
    incident: () => 'f00',
    ...more,
  })
  const {
    path = '/inject',
    operation = 'CREATE',
    resource = 'pods',
    username = 'alice',
    namespace = 'ci',
    ...rest
  } = asked
  const { response, ...envelope } = handle(path, {
    request: {
      uid: 'u1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource },
      operation,
      userInfo: { username },
      ...(namespace === null ? {} : { namespace }),
      ...rest,
    },
  })
  expect(envelope).toEqual({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' })
  expect(response.uid).toBe('u1')
  return { ...response, code: response.status?.code, events }
}

function owned(pod: Pod, uid = '5f0c2a3e-0000-4000-8000-00000000000a'): Pod {
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'etl', uid, controller: true }
  return { ...pod, metadata: { ...pod.metadata, ownerReferences: [owner] } }
}

function patched(object: Pod, patch: string | undefined): Pod {
  const text = Buffer.from(patch ?? 'W10=', 'base64').toString()
  return apply(object, JSON.parse(text) as PatchOperation[])
}

describe('The injecting webhook', () => {
  test('patches a pod that asks for a connection, and tells so', () => {
    const { allowed, patch, patchType, events } = ask({ object: owned(podWith()) })
    expect([allowed, patchType]).toEqual([true, 'JSONPatch'])
    expect(patched(podWith(), patch)).toEqual(injected())
    expect(events).toMatchObject([{ reason: 'PodInjected', object: { kind: 'Job', name: 'etl' } }])
  })

  test('tells the controller of a pod without name, whose namespace is the request’s', () => {
    const object = owned(podWith({ hostNetwork: true }))
    object.metadata = { ...object.metadata, generateName: 'etl-' }
    delete object.metadata.name
    const { code, events } = ask({ object })
    expect(code).toBe(403)
    expect(events).toMatchObject([
      { reason: 'PodRefused', object: { kind: 'Job', namespace: 'ci', name: 'etl' } },
    ])
  })

  test('tells nobody of a dry run, nor of an owner whose UID is not known', () => {
    const object = owned(podWith())
    expect(ask({ object, dryRun: true })).toMatchObject({ allowed: true, events: [] })
    expect(ask({ object: podWith() })).toMatchObject({ allowed: true, events: [] })
    for (const uid of ['', 'x', 7 as unknown as string])
      expect(ask({ object: owned(podWith(), uid) })).toMatchObject({ allowed: true, events: [] })
  })

  test('does nothing the second time', () => {
    const { allowed, patch, events } = ask({ object: injected() })
    expect([allowed, patch, events]).toEqual([true, undefined, []])
  })

  test('leaves alone a pod that asks for nothing', () => {
    expect(ask({ object: bare })).toMatchObject({ allowed: true, events: [] })
    expect(ask({ object: bare }).patch).toBeUndefined()
  })

  test('refuses for good, naming all reasons and what to do', () => {
    const { status } = ask({ object: podWith({ hostPID: true, hostNetwork: true }) })
    expect(status).toMatchObject({ code: 403, reason: 'Forbidden' })
    expect(status?.message).toMatch(/HostNetwork at spec\.hostNetwork: .*HostPID.*Remove hostPID/s)
  })

  test('refuses for now what may be there soon', () => {
    expect(ask({ object: podWith() }, { operator: () => undefined }).code).toBe(503)
    expect(ask({ object: podWith() }, { namespaceLabels: () => undefined }).code).toBe(503)
    const unread = () => ({ refusal: refuse('Annotation', '', 'not read yet'), transient: true })
    expect(ask({ object: podWith() }, { connectionFor: unread }).code).toBe(503)
  })

  test('refuses a connection that is not there', () => {
    const object = podWith({}, { 'frostgate.dev/namespace': 'other' })
    expect(ask({ object })).toMatchObject({ code: 403, status: { message: /no other\/acme/ } })
  })

  test('refuses a request without namespace', () => {
    expect(ask({ object: podWith(), namespace: null }).code).toBe(403)
  })

  test('warns in 120 characters at most', () => {
    const name = 'x'.repeat(200)
    const { warnings } = ask({ object: podWith({}, { 'frostgate.dev/exclude-containers': name }) })
    expect(warnings?.[0]).toHaveLength(120)
  })

  test('answers a fault of its own with the name of its log entry', () => {
    const broken = () => {
      throw new Error('secret detail')
    }
    const { status } = ask({ object: podWith() }, { connectionFor: broken })
    expect(status?.code).toBe(500)
    expect(status?.message).toContain('incident f00')
    expect(status?.message).not.toContain('secret')
  })
})

describe('In a namespace', () => {
  const labelled = (labels: Record<string, string>) => ({ namespaceLabels: () => labels })
  const required = { [injectionLabel]: 'required' }

  test('that requires it, a pod without annotation is refused', () => {
    expect(ask({ object: bare }, labelled(required))).toMatchObject({
      code: 403,
      status: { message: /ConnectionRequired/ },
    })
  })

  test.each(['acme', 'frostgate.acme'])('that requires it and names %s, it gets that', (name) => {
    const labels = labelled({ ...required, [defaultConnectionLabel]: name })
    const { patch } = ask({ object: bare }, labels)
    expect(patched(bare, patch).metadata?.annotations).toMatchObject({
      'frostgate.dev/connection': 'acme',
      'frostgate.dev/namespace': 'frostgate',
    })
    expect(ask({ object: patched(bare, patch), path: '/verify' }, labels).allowed).toBe(true)
  })

  test('with a default, an empty annotation asks for it; without, it is refused', () => {
    const object = podWith({}, { 'frostgate.dev/connection': '' })
    expect(ask({ object }, labelled({ [defaultConnectionLabel]: 'acme' })).allowed).toBe(true)
    expect(ask({ object }).code).toBe(403)
  })

  test('with a default that is not required, other pods are left alone', () => {
    expect(
      ask({ object: bare }, labelled({ [defaultConnectionLabel]: 'acme' })).patch,
    ).toBeUndefined()
  })

  test('that disables it, a pod that asks is refused and others are not', () => {
    const disabled = labelled({ [injectionLabel]: 'disabled' })
    expect(ask({ object: podWith() }, disabled).code).toBe(403)
    expect(ask({ object: bare }, disabled).allowed).toBe(true)
  })

  test('of an unknown mode, a pod that asks is refused', () => {
    const unknown = labelled({ [injectionLabel]: 'on' })
    expect(ask({ object: podWith() }, unknown)).toMatchObject({
      status: { message: /NamespaceMode/ },
    })
    expect(ask({ object: bare }, unknown).allowed).toBe(true)
  })
})

describe('The verifying webhook', () => {
  const path = '/verify'

  test('lets an injected pod pass, and refuses one that is not', () => {
    expect(ask({ path, object: injected() }).allowed).toBe(true)
    expect(ask({ path, object: podWith() })).toMatchObject({
      code: 403,
      status: { message: /NotInjected/ },
    })
  })

  test('asks to try again when another replica’s rendering differs', () => {
    const other = injected(podWith(), { ...context, operator: { ...operator, trust: 'next CA' } })
    expect(ask({ path, object: other }).code).toBe(503)
    const worse = changed(other, ({ spec }) => {
      spec.hostPID = true
    })
    expect(ask({ path, object: worse }).code).toBe(403)
    const late = changed(other, ({ spec }) => {
      spec.initContainers?.unshift({ ...app, name: 'early' })
    })
    expect(ask({ path, object: late }).code).toBe(403)
    // Nobody's seal, and a seal that is right although something else is not.
    const forged = changed(other, ({ metadata }) => {
      if (metadata?.annotations) metadata.annotations['frostgate.dev/injected'] = 'forged'
    })
    expect(ask({ path, object: forged }).code).toBe(403)
    const stripped = changed(injected(), ({ spec }) => {
      for (const c of spec.containers) delete c.env
    })
    expect(ask({ path, object: stripped }).code).toBe(403)
    const unsealed = changed(injected(), ({ metadata }) => {
      if (metadata?.annotations) metadata.annotations['frostgate.dev/injected'] = 'forged'
    })
    expect(ask({ path, object: unsealed }).code).toBe(403)
  })

  test.each<readonly [string, Pod]>([
    ['container', { spec: { containers: [{ ...app, name: 'frostgate-proxy' }] } }],
    ['volume', { spec: { containers: [app], volumes: [{ name: 'frostgate-key', emptyDir: {} }] } }],
    [
      'token',
      {
        spec: {
          containers: [app],
          volumes: [
            {
              name: 'x',
              projected: {
                sources: [
                  { serviceAccountToken: { audience: 'frostgate.dev/enrol/x', path: 't' } },
                ],
              },
            },
          ],
        },
      },
    ],
  ])('refuses a %s of ours in a pod that does not ask', (_, object) => {
    expect(ask({ path, object }).code).toBe(403)
    expect(ask({ path, object: bare }).allowed).toBe(true)
  })

  test('refuses a changed image, a debug container and an entrance', () => {
    const swapped = changed(injected(), ({ spec }) => {
      for (const c of spec.initContainers ?? []) c.image = 'evil'
    })
    const update = { path, operation: 'UPDATE', oldObject: injected() }
    expect(ask({ ...update, object: swapped }).code).toBe(403)
    expect(ask({ ...update, object: swapped, subResource: 'resize' }).code).toBe(403)
    expect(ask({ ...update, object: injected() }).allowed).toBe(true)
    const debugged = changed(injected(), ({ spec }) => {
      spec.ephemeralContainers = [{ name: 'd', targetContainerName: 'frostgate-proxy' }]
    })
    expect(ask({ ...update, subResource: 'ephemeralcontainers', object: debugged }).code).toBe(403)
    const enter = { path, operation: 'CONNECT', object: { container: 'frostgate-proxy' } }
    expect(ask({ ...enter, subResource: 'exec' }).code).toBe(403)
    expect(ask({ ...enter, subResource: 'attach' }).code).toBe(403)
    expect(ask({ ...enter, subResource: 'portforward' }).allowed).toBe(true)
  })

  test('refuses tokens for enrolment', () => {
    const request = {
      path,
      resource: 'serviceaccounts',
      subResource: 'token',
      object: { spec: { audiences: ['frostgate.dev/enrol/x'] } },
    }
    expect(ask(request).code).toBe(403)
    expect(ask({ ...request, username: 'system:node:n1' }).allowed).toBe(true)
  })
})

describe('The validating webhook', () => {
  const object = { kind: 'AgentPolicy' }
  const request = { path: '/validate', resource: 'agentpolicies', object }

  test('says what does not compile, and warns of the rest', () => {
    const errors = ['spec.rules[0]: no. Write yes.', 'spec.x: no.']
    expect(ask(request, { validate: () => ({ errors, warnings: [] }) }).status).toMatchObject({
      code: 403,
      message: `frostgate: ${errors.join(' ')}`,
    })
    const warned = ask(request, { validate: () => ({ errors: [], warnings: ['matches nothing'] }) })
    expect([warned.allowed, warned.warnings]).toEqual([true, ['frostgate: matches nothing']])
  })

  test('lets anything be deleted', () => {
    expect(ask({ ...request, operation: 'DELETE' }).allowed).toBe(true)
  })
})

describe('What is not known is refused:', () => {
  test.each<readonly [string, Asked]>([
    ['a path', { path: '/other', object: bare }],
    ['a kind', { path: '/inject', resource: 'secrets' }],
    ['a subresource', { path: '/verify', operation: 'CONNECT', subResource: 'teleport' }],
    ['an inherited name', { path: 'constructor' }],
  ])('%s', (_, asked) => {
    expect(ask(asked).code).toBe(403)
  })

  test.each([undefined, null, 1, {}, { request: { uid: 'x' } }])('the review %j', (review) => {
    const handle = admissionHandler({} as AdmissionDependencies)
    expect(handle('/inject', review).response.allowed).toBe(false)
  })
})

describe('What is too large is refused before anything is done with it:', () => {
  const many = (count: number) => Array.from({ length: count }, () => ({ name: 'c' }))
  const variables = Array.from({ length: 2_600 }, (_, index) => ({ name: `V${index}` }))

  test.each<readonly [string, Pod]>([
    ['containers of all kinds', podWith({ containers: many(150_000) })],
    [
      'init and debug containers',
      podWith({ containers: many(1), initContainers: many(200), ephemeralContainers: many(100) }),
    ],
    [
      'variables',
      podWith({ containers: [1, 2].map((index) => ({ name: `c${index}`, env: variables })) }),
    ],
    ['volumes', podWith({ volumes: Array.from({ length: 501 }, () => ({ name: 'v' })) })],
    ['annotations', podWith({}, { 'frostgate.dev/exclude-containers': 'a,'.repeat(200_000) })],
  ])('%s', (_, object) => {
    const untouched: Partial<AdmissionDependencies> = {
      namespaceLabels: () => {
        throw new Error('something was done')
      },
    }
    for (const path of ['/inject', '/verify']) {
      const began = performance.now()
      const { code, status } = ask({ path, object }, untouched)
      expect(performance.now() - began).toBeLessThan(50)
      expect(code).toBe(403)
      expect(status?.message).toContain('PodInvalid')
    }
    const update = { path: '/verify', operation: 'UPDATE', object: podWith(), oldObject: object }
    expect(ask(update, untouched).code).toBe(403)
  })

  test.each<readonly [string, unknown]>([
    [
      'values',
      { kind: 'AgentPolicy', spec: { rules: Array.from({ length: 30_000 }, () => ({})) } },
    ],
    ['characters', { kind: 'AgentPolicy', spec: { text: 'x'.repeat(600_000) } }],
    ['names', { kind: 'AgentPolicy', spec: { ['x'.repeat(600_000)]: null } }],
  ])('configuration with too many %s', (_, object) => {
    const validate = () => {
      throw new Error('it was compiled')
    }
    const asked = { path: '/validate', resource: 'agentpolicies', object }
    expect(ask(asked, { validate }).status?.message).toContain('ObjectTooLarge')
  })

  test('a pod at the bounds is injected', () => {
    const containers = Array.from({ length: 256 }, (_, index) => ({ ...app, name: `c${index}` }))
    expect(ask({ object: podWith({ containers }) }).allowed).toBe(true)
  })

  test('the answer names only so many reasons and warnings', () => {
    const env = Array.from({ length: 100 }, () => ({ name: 'SNOWFLAKE_PASSWORD', value: 'x' }))
    const { status } = ask({ object: podWith({ containers: [{ ...app, env }] }) })
    expect(status?.message.match(/CredentialInEnvironment/g)).toHaveLength(32)
    expect(status?.message).toMatch(/And 68 more\.$/)
    const unknown = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`frostgate.dev/x${index}`, ''] as const),
    )
    expect(ask({ object: podWith({}, unknown) }).warnings).toHaveLength(32)
  })
})
