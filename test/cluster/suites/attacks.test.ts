/**
 * From inside: code in the agent's container, and its pod's author, try for a row that is not
 * masked, or for the credential. What stops them is named in each test.
 */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import type { TestSidecar } from '../../support/broker-client.ts'
import { connectCluster } from '../cluster.ts'
import { images } from '../images.ts'
import { refusalOf, type KubeObject } from '../kubectl.ts'
import {
  askGateway,
  impostor,
  portThief,
  readFileOf,
  runScript,
} from '../support/agent-container.ts'
import {
  agentPod,
  annotation,
  connectionFor,
  exampleInForce,
  namesAndBounds,
  nowhere,
  recreatable,
  withAgent,
  withAnnotations,
  withSidecar,
  type AttackPod,
} from '../support/attack-pods.ts'
import { podAuthor, type Author } from '../support/author.ts'
import { reachBroker, stolenToken, type BrokerAccess } from '../support/broker-access.ts'
import { selfSigned } from '../support/certificate.ts'
import { release, runnerNamespace, unique } from '../support/frostgate.ts'
import { webhooksAway } from '../support/webhooks-away.ts'
import { waitUntil } from '../wait.ts'

const cluster = connectCluster(inject('cluster'))
const { facts, kubectl } = cluster
const runs = facts.part === 'node' && 'path' in facts.helmFinding
const here = unique('attacks')
const connection = unique('attacks')
const victim = { namespace: here, pod: 'victim' }
const other = { namespace: here, pod: 'other' }
const agentToken = '/var/run/secrets/frostgate.dev/token'
const apiToken = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** No credential, token or raw value, wherever text comes out. */
const secrets = /PRIVATE KEY|eyJ[\w-]{10}|\b9\d\d-\d\d-\d{4}\b|DPoP ey/

let author: Author
let trust: string
const ways: BrokerAccess[] = []
let victimPod: Pod

interface Pod extends KubeObject {
  readonly spec: AttackPod['spec']
  readonly status: {
    readonly phase: string
    readonly podIP?: string
    readonly containerStatuses?: readonly { readonly ready: boolean }[]
    readonly initContainerStatuses?: readonly { readonly restartCount: number }[]
  }
}

const asked = (pod: AttackPod): AttackPod => withAnnotations(pod, { [annotation]: connection })

/** Who speaks the broker's protocol with a key of its own, and by a way of its own. */
async function stranger(): Promise<TestSidecar> {
  const broker = await reachBroker(cluster, trust)
  ways.push(broker)
  return broker.sidecar()
}

async function create(pod: AttackPod): Promise<void> {
  const { status, message } = await author.createPod({ ...pod })
  expect(status, message).toBe(201)
}

const running = (name: string) =>
  kubectl.waitFor<Pod>(
    'pod',
    name,
    here,
    ({ status }) => status.containerStatuses?.every(({ ready }) => ready) ?? false,
    { seconds: 90 },
  )

beforeAll(async () => {
  if (!runs) return
  await exampleInForce(cluster)
  await runnerNamespace(cluster, here)
  await connectionFor(cluster, connection, here)
  author = await podAuthor(cluster, here)
  await kubectl.apply(namesAndBounds(here))
  const thief = {
    name: 'early',
    image: images.node,
    command: ['node', '-e', portThief],
    restartPolicy: 'Always',
  }
  await create(
    withAnnotations(asked(agentPod('victim', { initContainers: [thief] })), {
      'frostgate.dev/log-level': 'debug',
      'kubectl.kubernetes.io/default-container': 'frostgate-proxy',
    }),
  )
  const { certificate, key } = await selfSigned('warehouse.snowflake-example.svc')
  await create(
    withAgent(asked(agentPod('other', {}, impostor)), {
      securityContext: { runAsUser: 0 },
      env: [
        { name: 'CERTIFICATE', value: certificate },
        { name: 'KEY', value: key },
      ],
    }),
  )
  await create(asked(agentPod('waiting', nowhere)))
  victimPod = await running('victim')
  await running('other')
  const sidecar = victimPod.spec.initContainers?.[0]?.['env']
  const given = sidecar as readonly { readonly name: string; readonly value: string }[]
  trust = given.find(({ name }) => name === 'FROSTGATE_TRUST')?.value ?? ''
})

afterAll(async () => {
  if (!runs) return
  for (const way of ways) way.close()
  await kubectl.run(['delete', 'namespace', here, '--wait=false'])
  for (const kind of ['agp', 'mkr', 'sfc'])
    await kubectl.delete(kind, connection, release.namespace)
})

describe.runIf(runs)('Tokens', () => {
  test('the agent’s own gets masked rows, and nothing else does', async () => {
    const answer = await askGateway(kubectl, victim, await readFileOf(kubectl, victim, agentToken))
    expect(answer).toMatchObject({ loggedIn: true, success: true })
    for (const row of answer.rows as readonly (readonly string[])[])
      expect(row[1]).toMatch(/^\*+\d{4}$/)
  })

  test.each([
    ['of another pod', () => readFileOf(kubectl, other, agentToken), 'pod'],
    ['for the API server', () => readFileOf(kubectl, victim, apiToken), 'audience'],
    [
      'that its author made for another audience',
      async () =>
        (
          await author.createToken('runner', {
            audiences: ['frostgate.dev'],
            boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'victim' },
          })
        ).token,
      'audience',
    ],
    ['of enrolment, had it leaked', () => stolenToken(cluster, victim), 'audience'],
  ])('one %s opens no session', async (_, token, reason) => {
    const { loggedIn, message, rows } = await askGateway(kubectl, victim, await token())
    expect(loggedIn).toBe(false)
    expect(rows).toBeNull()
    expect(message).toContain('[Frostgate TokenInvalid]')
    expect(message).toContain(reason)
  })

  test('one for agents that is bound to no pod is not made: frostgate-tokens', async () => {
    const { message, token } = await author.createToken('runner', {
      audiences: ['frostgate.dev/agent'],
    })
    expect(message).toContain('must be bound to a pod')
    expect(token).toBe('')
  })

  test('one of a deleted pod counts nowhere, nor for a new pod of that name', async () => {
    await create(agentPod('gone', nowhere))
    const spec = {
      audiences: ['frostgate.dev/agent'],
      boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'gone' },
    }
    const { token } = await author.createToken('runner', spec)
    const enrolment = await stolenToken(cluster, { namespace: here, pod: 'gone' })
    await kubectl.delete('pod', 'gone', here)
    await create(agentPod('gone', nowhere))
    expect((await askGateway(kubectl, victim, token)).message).toContain('[Frostgate TokenInvalid]')
    const sidecar = await stranger()
    expect(await sidecar.enrol(enrolment)).toMatchObject({
      status: 401,
      body: { error: 'TokenNotAccepted' },
    })
  })
})

describe.runIf(runs)('Enrolment', () => {
  test.each([
    ['the agent’s token', () => readFileOf(kubectl, victim, agentToken)],
    ['the API server’s token', () => readFileOf(kubectl, victim, apiToken)],
    ['a token of the author’s account', () => Promise.resolve(author.token)],
  ])('is refused to whoever has %s', async (_, token) => {
    const sidecar = await stranger()
    const { status, body } = await sidecar.enrol(await token())
    expect({ status, error: body['error'] }).toEqual({ status: 401, error: 'TokenNotAccepted' })
    expect(JSON.stringify(body)).not.toMatch(secrets)
  })

  test('is refused a second time, with the sidecar’s very token, and told on the pod', async () => {
    const intruder = await stranger()
    const { status, body } = await intruder.enrol(await stolenToken(cluster, victim))
    expect({ status, error: body['error'] }).toEqual({ status: 403, error: 'SecondEnrolment' })
    await waitUntil(
      'the Event',
      () => kubectl.run(['get', 'events', '-n', here, '-o', 'jsonpath={.items[*].reason}']),
      (reasons) => reasons.includes('SecondEnrolment'),
    )
    const own = await readFileOf(kubectl, victim, agentToken)
    expect(await askGateway(kubectl, victim, own)).toMatchObject({ success: true })
  })

  test('binds its access token to one key, and ends with the pod', async () => {
    const waiting = { namespace: here, pod: 'waiting' }
    const token = await stolenToken(cluster, waiting)
    const [first, second] = [await stranger(), await stranger()]
    expect(await first.enrol(token)).toMatchObject({ status: 200 })
    expect((await second.enrol(token)).body['error']).toBe('SecondEnrolment')
    const accessToken = first.enrolment?.accessToken ?? ''
    const stolen = await second.call('/v1/credential', { method: 'POST', body: {}, accessToken })
    expect(stolen).toMatchObject({ status: 401, body: { error: 'ProofInvalid' } })
    await kubectl.delete('pod', 'waiting', here)
    const gone = await waitUntil(
      'the pod’s revocation',
      () => first.call('/v1/credential', { method: 'POST', body: {} }),
      ({ status }) => status !== 200,
      { seconds: 10 },
    )
    expect(gone.body['error']).toBe('PodRevoked')
  })

  test('is refused to a pod whose annotation came with its binding to a node', async () => {
    await create(asked(agentPod('bound', nowhere)))
    const { status, message } = await author.call(
      'POST',
      `/api/v1/namespaces/${here}/pods/bound/binding`,
      {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: 'bound', annotations: { [annotation]: 'acme' } },
        target: { apiVersion: 'v1', kind: 'Node', name: 'attacks-nowhere' },
      },
    )
    expect(status, message).toBe(201)
    const token = await stolenToken(cluster, { namespace: here, pod: 'bound' })
    const { body } = await (await stranger()).enrol(token)
    expect(body).toMatchObject({ error: 'PodNotInjected' })
  })

  test('is refused to a forged sidecar that every policy let in while the webhooks were away', async () => {
    const { body } = await author.createPod(
      { ...asked(agentPod('forged', nowhere)) },
      { dryRun: true },
    )
    const env = [{ name: 'NODE_OPTIONS', value: '--import=data:text/javascript,0' }]
    const forged = withSidecar(recreatable(body, 'forged'), { env })
    const restore = await webhooksAway(cluster, [here])
    try {
      await waitUntil(
        'the webhooks to be away',
        () => author.createPod({ ...forged }),
        ({ status }) => status === 201,
        { everyMilliseconds: 100 },
      )
    } finally {
      await restore()
    }
    const token = await stolenToken(cluster, { namespace: here, pod: 'forged' })
    const { status, body: answer } = await (await stranger()).enrol(token)
    expect({ status, error: answer['error'] }).toEqual({ status: 403, error: 'PodNotInjected' })
  })
})

describe.runIf(runs)('The sidecar', () => {
  test.each([
    [
      'exec',
      ['exec', 'victim', '-n', here, '-c', 'frostgate-proxy', '--', 'cat', '/proc/1/environ'],
    ],
    ['attach', ['attach', 'victim', '-n', here, '-c', 'frostgate-proxy']],
    ['cp', ['cp', '-c', 'frostgate-proxy', `${here}/victim:/var/run/frostgate/key`, '/dev/null']],
    ['exec by the default container', ['exec', 'victim', '-n', here, '--', 'id']],
  ])('cannot be entered by kubectl %s: frostgate-exec', async (_, args) => {
    const refusal = await refusalOf(kubectl.run([...args, '--token', author.token]))
    expect(refusal).toContain('The container frostgate-proxy cannot be entered')
  })

  test('cannot be targeted by kubectl debug: frostgate-ephemeral', async () => {
    const args = ['debug', 'victim', '-n', here, '--image', images.shell]
    const refusal = await refusalOf(kubectl.run([...args, '--target', 'frostgate-proxy']))
    expect(refusal).toContain('may not target frostgate-proxy')
  })

  test('is not among the processes, files and variables that the agent sees', async () => {
    const seen = await runScript(
      kubectl,
      victim,
      `import { existsSync, readdirSync, readFileSync } from 'node:fs'
       const pids = readdirSync('/proc').filter((name) => /^\\d+$/.test(name))
       const read = (pid) => { try { return readFileSync('/proc/' + pid + '/cmdline', 'utf8') } catch { return '' } }
       const folders = ['/var/run/frostgate', '/run/frostgate', '/var/lib/frostgate'].filter((path) => existsSync(path))
       console.log(JSON.stringify({ commands: pids.map(read), folders, variables: Object.keys(process.env) }))`,
    )
    expect(JSON.stringify(seen['commands'])).not.toContain('sidecar')
    expect(seen['folders']).toEqual([])
    for (const name of ['FROSTGATE_TRUST', 'FROSTGATE_BROKER_URL', 'FROSTGATE_CONNECTION'])
      expect(seen['variables']).not.toContain(name)
  })

  test('has its ports before a native sidecar that wants them, and Services of its names', async () => {
    const log = await kubectl.logs('victim', 'early', here)
    expect(log).toContain('8085 EADDRINUSE')
    expect(log).toContain('9085 EADDRINUSE')
    expect(victimPod.status.initContainerStatuses?.[0]?.restartCount).toBe(0)
    const { env } = await runScript(
      kubectl,
      victim,
      'console.log(JSON.stringify({ env: process.env.FROSTGATE_PORT }))',
    )
    expect(env, 'the Service is linked, and its variable is not what the sidecar got').toMatch(
      /^tcp:/,
    )
  })

  test('answers other pods’ calls to its health only, without a secret', async () => {
    const { gateway, health } = await runScript(
      kubectl,
      other,
      `const [ip] = process.argv.slice(1)
       const ask = (url) => fetch(url).then((answer) => answer.text(), (error) => error.cause.code)
       const pages = await Promise.all(['startup', 'ready', 'live', 'metrics'].map((page) => ask('http://' + ip + ':9085/' + page)))
       console.log(JSON.stringify({ gateway: await ask('http://' + ip + ':8085/'), health: pages.join('') }))`,
      victimPod.status.podIP ?? '',
    )
    expect(gateway).toBe('ECONNREFUSED')
    expect(health).toContain('frostgate_')
    expect(health).not.toMatch(secrets)
  })

  test('logs no secret, at its author’s level debug', async () => {
    const log = await kubectl.logs('victim', 'frostgate-proxy', here)
    expect(log).not.toBe('')
    expect(log).not.toMatch(secrets)
  })

  test('leaves no Secret in the agent’s namespace', async () => {
    const found = await kubectl.list('secrets', here)
    expect(found).toEqual([])
  })
})

describe.runIf(runs)('Names that the author redirects', () => {
  test('bring neither token nor credential to an impostor: TLS', async () => {
    const { status } = await kubectl.get<Pod>('pod', 'other', here)
    const redirect = (name: string, hostname: string) =>
      create(
        withAnnotations(
          asked(
            agentPod(name, { hostAliases: [{ ip: status.podIP ?? '', hostnames: [hostname] }] }),
          ),
          { 'frostgate.dev/log-level': 'debug' },
        ),
      )
    await redirect('to-broker', `frostgate-broker.${release.namespace}.svc`)
    await redirect('to-snowflake', 'warehouse.snowflake-example.svc')
    const log = await waitUntil(
      'both sidecars to have tried',
      () => kubectl.logs('other', 'agent', here),
      (text) => text.includes('refused 443') && text.includes('refused 8443'),
      { seconds: 60, everyMilliseconds: 500 },
    )
    expect(log).not.toContain('REQUEST')
    for (const name of ['to-broker', 'to-snowflake']) {
      await waitUntil(
        'the sidecar to say why',
        () => kubectl.logs(name, 'frostgate-proxy', here),
        (text) => /certificate|self-signed/i.test(text),
        { seconds: 30, everyMilliseconds: 500 },
      )
      const { status: now } = await kubectl.get<Pod>('pod', name, here)
      expect(now.phase, 'the agent does not start').toBe('Pending')
    }
    expect(await kubectl.logs('other', 'agent', here)).not.toContain('REQUEST')
  })
})
