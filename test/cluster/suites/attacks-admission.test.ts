/**
 * Pods that would reach into the sidecar, or pass for it, as their author creates or changes them:
 * refused by the webhooks, and by the policies of the API server when nothing of the operator runs.
 */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { connectCluster } from '../cluster.ts'
import { images } from '../images.ts'
import {
  agentPod,
  annotation,
  exampleInForce,
  nowhere,
  recreatable,
  withAnnotations,
  withSidecar,
  withSpec,
  withVolume,
  type AttackPod,
} from '../support/attack-pods.ts'
import { attacks, debug, enrolToken, forgeries, intruders, swaps } from '../support/attacks.ts'
import { podAuthor, type Author } from '../support/author.ts'
import { runnerNamespace, unique } from '../support/frostgate.ts'
import { operatorAway, webhooksAway } from '../support/webhooks-away.ts'
import { waitUntil } from '../wait.ts'

const cluster = connectCluster(inject('cluster'))
const { facts, kubectl } = cluster
const here = unique('attacks')
const foreign = unique('attacks-foreign')
const required = unique('attacks-required')
const namespaces = [here, foreign, required]
const dryRun = { dryRun: true }

let author: Author
let stranger: Author
let captive: Author
/** As the webhooks left an honest pod, seal and all: what an attacker starts from. */
let injected: AttackPod

beforeAll(async () => {
  await exampleInForce(cluster)
  await runnerNamespace(cluster, here)
  await cluster.createNamespace(foreign)
  await runnerNamespace(cluster, required, { 'frostgate.dev/injection': 'required' })
  ;[author, stranger, captive] = [
    await podAuthor(cluster, here),
    await podAuthor(cluster, foreign),
    await podAuthor(cluster, required),
  ]
  const answer = await waitUntil(
    'an honest pod to be injected',
    () => author.createPod({ ...agentPod('honest') }, dryRun),
    ({ status }) => status === 201,
  )
  injected = recreatable(answer.body, 'copy')
})

afterAll(async () => {
  for (const name of namespaces) await kubectl.run(['delete', 'namespace', name, '--wait=false'])
})

/** The answer to a pod that must be refused. */
async function refusalOfPod(pod: AttackPod, by: Author = author): Promise<string> {
  const { status, message } = await by.createPod({ ...pod }, dryRun)
  expect(message, 'the pod was let in').not.toBe('')
  expect(status).toBe(403)
  return message
}

describe.runIf(facts.part !== 'api-server' && 'path' in facts.helmFinding)('The webhooks', () => {
  test.each(attacks)('refuse a pod that $title', async ({ change, webhook }) => {
    expect(await refusalOfPod(change(agentPod('attack')))).toContain(`frostgate ${webhook} at`)
  })

  test.each(attacks.concat(forgeries).filter(({ webhook }) => webhook !== ''))(
    'refuse a copy of an injected pod that $title',
    async ({ change, webhook }) => {
      const message = await refusalOfPod(change(injected))
      expect(message).toContain(`frostgate ${webhook} at`)
    },
  )

  test('put the sidecar before native sidecars and init containers of the author', async () => {
    const early = { name: 'early', image: images.node, restartPolicy: 'Always' }
    const { body } = await author.createPod(
      { ...agentPod('ordered', { initContainers: [early] }) },
      dryRun,
    )
    const names = recreatable(body, '').spec.initContainers?.map(({ name }) => name)
    expect(names).toEqual(['frostgate-proxy', 'early'])
    const { initContainers = [] } = injected.spec
    const again = await author.createPod(
      { ...withSpec(injected, { initContainers: [early, ...initContainers] }) },
      dryRun,
    )
    const order = recreatable(again.body, '').spec.initContainers?.map(({ name }) => name)
    expect(order).toEqual(['frostgate-proxy', 'early'])
  })

  test('refuse a seal that was copied to another namespace', async () => {
    const asDefault = withSpec(injected, {
      serviceAccountName: 'default',
      serviceAccount: 'default',
    })
    expect(await refusalOfPod(asDefault, stranger)).toContain('frostgate NamespaceNotAllowed')
    const elsewhere = await captive.createPod(
      { ...withSidecar(injected, { image: `${images.sidecar}-old` }) },
      dryRun,
    )
    expect(elsewhere.message).toContain('frostgate ProxyDeclared')
  })

  test('make a pod with a copied seal what they would have made of it, and no other', async () => {
    const { body } = await author.createPod({ ...injected }, dryRun)
    expect(recreatable(body, 'copy')).toEqual(injected)
  })

  test.each([
    ['another namespace', { 'frostgate.dev/namespace': 'kube-system' }, 'ConnectionUnknown'],
    ['the author’s namespace', { 'frostgate.dev/namespace': here }, 'ConnectionUnknown'],
    ['a path', { [annotation]: '../frostgate/acme' }, 'ConnectionUnknown'],
    ['a member of every object', { [annotation]: '__proto__' }, 'ConnectionUnknown'],
    ['other letters', { [annotation]: 'ACME' }, 'ConnectionUnknown'],
    ['a line end', { [annotation]: 'acme\n' }, 'ConnectionUnknown'],
    ['a direction mark', { [annotation]: 'acme\u202e' }, 'ConnectionUnknown'],
    ['nothing', { [annotation]: '' }, 'ConnectionRequired'],
    ['64 KiB', { [annotation]: 'a'.repeat(65_536) }, 'ConnectionUnknown'],
  ])('refuse a reference to %s', async (_, annotations, reason) => {
    const message = await refusalOfPod(withAnnotations(agentPod('odd'), annotations))
    expect(message).toContain(`frostgate ${reason}`)
  })

  test('refuse a namespace that the connection does not let in', async () => {
    const pod = withSpec(agentPod('stranger'), { serviceAccountName: 'default' })
    const message = await refusalOfPod(pod, stranger)
    expect(message).toContain(`frostgate/acme does not allow namespace ${foreign}`)
  })

  test('judge every one of 200 containers, and refuse a pod of more than they can', async () => {
    const many = Array.from({ length: 400 }, (_, index) => ({
      name: `c${index}`,
      image: images.node,
      ...(index === 199 ? { securityContext: { privileged: true } } : {}),
    }))
    const pod = (count: number) => agentPod('many', { containers: many.slice(0, count) })
    expect(await refusalOfPod(pod(200))).toContain(
      'spec.containers[199].securityContext.privileged',
    )
    expect(await author.createPod({ ...pod(199) }, dryRun)).toMatchObject({ status: 201 })
    expect(await refusalOfPod(pod(400))).toContain('frostgate PodInvalid')
  })

  test('do not let annotations of 256 KiB push the sidecar out', async () => {
    const pod = withAnnotations(agentPod('large'), { large: 'x'.repeat(262_000) })
    const { status, message } = await author.createPod({ ...pod }, dryRun)
    expect(status).toBe(422)
    expect(message).toContain('metadata.annotations: Too long')
  })
})

describe.runIf(facts.part !== 'api-server' && 'path' in facts.helmFinding)(
  'A namespace that requires a connection',
  () => {
    const plain = (name: string): AttackPod => {
      const { spec } = agentPod(name)
      return { metadata: { name }, spec }
    }

    test('refuses a pod without annotation', async () => {
      expect(await refusalOfPod(plain('plain'), captive)).toContain('frostgate ConnectionRequired')
    })

    test('lets no Job make one either, and says so on the Job', async () => {
      const { spec } = plain('job')
      await kubectl.apply({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { namespace: required, name: 'ungoverned' },
        spec: { template: { spec } },
      })
      const found = await waitUntil(
        'the Job’s Event',
        () => kubectl.run(['get', 'events', '-n', required, '-o', 'jsonpath={.items[*].message}']),
        (text) => text.includes('frostgate ConnectionRequired'),
      )
      expect(found).toContain('Error creating')
      expect(await kubectl.list('pods', required)).toEqual([])
    })

    test('cannot be released from it by its pods’ author, who may not change namespaces', async () => {
      const { status, message } = await captive.call(
        'PATCH',
        `/api/v1/namespaces/${required}`,
        { metadata: { labels: { 'frostgate.dev/injection': null } } },
        'application/merge-patch+json',
      )
      expect(status).toBe(403)
      expect(message).toContain('cannot patch resource "namespaces"')
    })
  },
)

const audience = 'frostgate.dev/enrol/x'

async function attemptsOnLivePod(): Promise<void> {
  for (const [what, operations, subresource, words] of swaps) {
    const { status, message } = await author.patchPod('live', operations, subresource)
    expect(message, what).toContain(words)
    expect(status, what).toBeGreaterThanOrEqual(400)
  }
  for (const [what, container, words] of intruders) {
    const answer = await author.patchPod('live', debug(container), '/ephemeralcontainers')
    expect(answer.message, what).toContain(words)
  }
  for (const verb of ['exec', 'attach']) {
    const path = `/api/v1/namespaces/${here}/pods/live/${verb}`
    const { message } = await author.call('POST', `${path}?container=frostgate-proxy&command=sh`)
    expect(message).toContain('The container frostgate-proxy cannot be entered')
  }
  const bound = { kind: 'Pod', apiVersion: 'v1', name: 'live' }
  for (const spec of [
    { audiences: [audience] },
    { audiences: ['x', audience], boundObjectRef: bound },
  ]) {
    const { message, token } = await author.createToken('runner', spec)
    expect(message).toContain('nobody can ask for one')
    expect(token).toBe('')
  }
}

describe.runIf(facts.part !== 'api-server' && 'path' in facts.helmFinding)('A live pod', () => {
  beforeAll(async () => {
    const { status, message } = await author.createPod({ ...agentPod('live', nowhere) })
    expect(status, message).toBe(201)
  })

  test('keeps its sidecar, whatever its author changes, adds, enters or asks for', async () => {
    await attemptsOnLivePod()
  })

  test('does not become governed by an annotation', async () => {
    const { metadata, spec } = agentPod('plain', nowhere)
    await author.createPod({ metadata: { ...metadata, annotations: {} }, spec })
    const operation = {
      op: 'add',
      path: '/metadata/annotations',
      value: { [annotation]: 'acme', 'frostgate.dev/injected': 'x' },
    }
    const { message } = await author.patchPod('plain', [operation])
    expect(message).toContain('cannot be changed later')
  })

  test('cannot be copied by kubectl debug into one that shares its processes', async () => {
    const { body } = await author.call('GET', `/api/v1/namespaces/${here}/pods/live`)
    const copy = withSpec(recreatable(body, 'shared'), { shareProcessNamespace: true })
    expect(await refusalOfPod(copy)).toContain('frostgate ShareProcessNamespace')
    // As kubectl makes the copy, without annotations.
    const bare = { ...copy, metadata: { name: 'shared' } }
    expect(await refusalOfPod(bare)).toContain('called frostgate-… without asking')
  })

  test('lets finalizers and owners change, which decide nothing', async () => {
    const { status } = await author.patchPod('live', [
      { op: 'add', path: '/metadata/finalizers', value: ['attacks.test/hold'] },
    ])
    expect(status).toBe(200)
    const released = await author.patchPod('live', [{ op: 'remove', path: '/metadata/finalizers' }])
    expect(released.status).toBe(200)
  })
})

describe.runIf(facts.part !== 'api-server' && 'path' in facts.helmFinding)(
  'Without the operator',
  () => {
    let bringBack: () => Promise<void>

    beforeAll(async () => {
      bringBack = await operatorAway(cluster)
    })

    afterAll(async () => {
      await bringBack()
    })

    test('no annotated pod starts, none in a required namespace, and live ones keep their sidecar', async () => {
      const annotated = await author.createPod({ ...agentPod('down') }, dryRun)
      expect(annotated.message).toContain('failed calling webhook "inject.frostgate.dev"')
      const copied = await author.createPod({ ...injected }, dryRun)
      expect(copied.message).toContain('failed calling webhook "inject.frostgate.dev"')
      const { spec } = agentPod('plain')
      const plain = await captive.createPod({ metadata: { name: 'plain' }, spec }, dryRun)
      expect(plain.message).toContain('failed calling webhook "inject-required.frostgate.dev"')
      const elsewhere = await author.createPod({ metadata: { name: 'free' }, spec }, dryRun)
      expect(elsewhere.status, 'pods that ask for nothing are not held up').toBe(201)
      await attemptsOnLivePod()
    })

    test('and without its webhooks, the policies refuse every pod that reaches into the sidecar', async () => {
      const restore = await webhooksAway(cluster, namespaces)
      try {
        const message = await waitUntil(
          'the webhooks to be away',
          async () => (await author.createPod({ ...agentPod('bare') }, dryRun)).message,
          (text) => !text.includes('failed calling webhook'),
          { everyMilliseconds: 100 },
        )
        expect(message).toContain('has no frostgate-proxy as its first init container')
        const { spec } = agentPod('plain')
        const plain = await captive.createPod({ metadata: { name: 'plain' }, spec }, dryRun)
        expect(plain.message).toContain('Every pod of this namespace must use a governed')
        // What passes is what an operator made: the policies do not stand in its own way.
        expect(await author.createPod({ ...injected }, dryRun)).toMatchObject({ status: 201 })
        for (const { title, change, policy } of [...attacks, ...forgeries])
          if (policy !== undefined)
            expect(await refusalOfPod(change(injected)), title).toContain(policy)
        const named = { ...spec, containers: [{ name: 'frostgate-proxy', image: images.sidecar }] }
        expect(await refusalOfPod({ metadata: { name: 'plain' }, spec: named })).toContain(
          'A container is called frostgate-proxy',
        )
        const bare = enrolToken.reduce(withVolume, { metadata: { name: 'plain' }, spec })
        expect(await refusalOfPod(bare)).toContain('projects a token of audience')
      } finally {
        await restore()
      }
    })
  },
)
