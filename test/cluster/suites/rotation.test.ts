/** What changes while agents work: keys, masks, policies, who is allowed, and an operator that is away. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { connectCluster } from '../cluster.ts'
import { refusalOf } from '../kubectl.ts'
import { reachBroker, stolenToken } from '../support/broker-access.ts'
import { maskingOf, ownConnection } from '../support/connections.ts'
import { installExample, keyPair, release, runnerNamespace, secret } from '../support/frostgate.ts'
import { recordingText } from '../support/recording.ts'
import {
  counterOf,
  failuresOf,
  eventsOn,
  inNode,
  measured,
  podOf,
  runnerDeployment,
  runnerPod,
  sidecarSays,
  statusOf,
  works,
  type Pod,
} from '../support/runner.ts'
import { timedAnswers, warehouseSessions, type TimedAnswer } from '../support/timeline.ts'
import { waitUntil } from '../wait.ts'

const cluster = connectCluster(inject('cluster'))
const { facts, kubectl } = cluster
const namespace = 'e2e-rotation'
const name = 'rotation'
const masked = 'SELECT id, name, ssn FROM health.phi.patients ORDER BY id LIMIT 1'
const count = 'SELECT count(*) AS n FROM analytics.public.orders'

/** Removed again, whatever a test left. */
const connections = [name, 'withdrawn', 'brief', 'unusable']

/** A pod that asks for masked rows, ten times a second, in one session. */
const session = (pod: string, connection = name): object =>
  runnerPod({
    namespace,
    name: pod,
    connection,
    statements: Array.from({ length: 900 }, () => masked),
    pause: 100,
  })

async function working(app: string, least = 3): Promise<Pod> {
  const pod = await podOf(cluster, namespace, app, works)
  await waitUntil(
    'the first answers',
    () => answers(pod.metadata.name),
    (all) => all.length >= least,
  )
  return pod
}

const answers = (pod: string): Promise<readonly TimedAnswer[]> =>
  timedAnswers(cluster, namespace, pod)

const isError = ({ error }: TimedAnswer): boolean => error !== undefined
const isCaught = ({ error }: TimedAnswer): boolean =>
  error?.message.includes('RulesChanged') === true
const ssnOf = ({ rows }: TimedAnswer): unknown => rows?.[0]?.['SSN']

describe.runIf(facts.part === 'node' && 'path' in facts.helmFinding)('While agents work', () => {
  beforeAll(async () => {
    await installExample(cluster)
    await runnerNamespace(cluster, namespace)
    const { connection, policy, masking } = ownConnection(name, namespace)
    await kubectl.apply([connection, policy, masking])
    await ready(name)
  })

  afterAll(async () => {
    await kubectl.delete('namespace', namespace)
    for (const each of connections)
      for (const kind of ['mkr', 'agp', 'sfc']) await kubectl.delete(kind, each, release.namespace)
  })

  test('the key is replaced at Snowflake and in the Secret without a lost statement', async () => {
    const app = 'load'
    await kubectl.apply(
      runnerDeployment({
        namespace,
        name: app,
        connection: name,
        statements: [masked, count],
        seconds: 600,
        pause: 20,
      }),
    )
    const load = (await working(app, 2)).metadata.name
    const next = keyPair()
    await warehouseKeys({ 'key2.pub': next.publicKey })
    const start = performance.now()
    await kubectl.apply(secret(release.namespace, 'acme-key', { privateKey: next.privateKey }))
    await waitUntil(
      'the Event of the rotation',
      () => eventsOn(cluster, release.namespace, name),
      (events) => events.has('CredentialRotated'),
    )
    measured('Secret changed to Event CredentialRotated', performance.now() - start)
    await warehouseKeys({ 'key.pub': next.publicKey, 'key2.pub': null })
    const logins = () => counterOf(cluster, namespace, load, 'frostgate_logins_total')
    const before = await logins()
    await waitUntil('logins by the new key alone', logins, (now) => now >= before + 5)

    const pod = await podOf(cluster, namespace, app)
    expect(await failuresOf(cluster, namespace, load)).toEqual([])
    expect(statusOf(pod, 'runner')?.restartCount).toBe(0)
    expect((await answers(load)).filter(isError)).toEqual([])
    expect(await counterOf(cluster, namespace, load, 'frostgate_statements_failed_total')).toBe(0)
    await kubectl.delete('deployment', app, namespace)
  })

  test('a key that is none is told of on the connection, by Event and status', async () => {
    const bad = 'unusable'
    await kubectl.apply([
      secret(release.namespace, `${bad}-key`, { privateKey: 'not a key' }),
      ownConnection(bad, namespace, {
        credential: { keyPair: { secretRef: { name: `${bad}-key` } } },
      }).connection,
    ])
    const events = await waitUntil(
      'the Event',
      () => eventsOn(cluster, release.namespace, bad),
      (found) => found.has('CredentialInvalid'),
    )
    expect(events.get('CredentialInvalid')).toContain(`Secret ${bad}-key cannot be used`)
    await kubectl.delete('secret', `${bad}-key`, release.namespace)
  })

  test('a mask is another within two seconds, in a session that goes on', async () => {
    const app = 'masked'
    await kubectl.apply(session(app))
    await working(app)
    await kubectl.apply(maskingOf(name, 2))
    const applied = Date.now()
    const isNew = (answer: TimedAnswer): boolean => /^\*+\d{2}$/.test(String(ssnOf(answer)))
    const seen = await waitUntil(
      'rows by the new mask',
      () => answers(app),
      (each) => each.filter(isNew).length >= 5,
    )
    // What ran at that moment is refused, and may be sent again.
    const all = seen.filter((answer) => !isCaught(answer))
    expect(seen.length - all.length).toBeLessThanOrEqual(1)
    const old = all.findLast((answer) => !isNew(answer))
    measured('mask applied to last row by the old one', (old?.at ?? 0) - applied)
    measured('mask applied to first row by the new one', (all.find(isNew)?.at ?? 0) - applied)
    expect((old?.at ?? Infinity) - applied).toBeLessThan(2000)
    expect(all.filter(isError)).toEqual([])
    // Old ones, then new ones, and nothing that is neither.
    expect(new Set(all.map((answer) => String(ssnOf(answer)).length)).size).toBe(1)
    expect(all.findIndex(isNew)).toBe(all.findLastIndex((answer) => !isNew(answer)) + 1)
  })

  test('a policy that is deleted ends its sessions, and says so', async () => {
    const app = 'masked'
    await kubectl.delete('agp', name, release.namespace)
    const deleted = Date.now()
    const all = await waitUntil(
      'a refusal',
      async () => (await answers(app)).filter((answer) => !isCaught(answer)),
      (each) => each.some(isError),
    )
    const first = all.find(isError)
    measured('policy deleted to first refusal', (first?.at ?? 0) - deleted)
    expect((first?.at ?? Infinity) - deleted).toBeLessThan(2000)
    const [, ...later] = all.slice(all.findIndex(isError))
    expect(later.filter((answer) => !isError(answer))).toEqual([])
    // The driver says in its own words that its session was ended; the gateway's are recorded.
    expect(first?.error?.message).toContain('terminated connection')
    const { uid } = (await podOf(cluster, namespace, app)).metadata
    const why = 'The session has ended: policy changed, no AgentPolicy of the connection names'
    await waitUntil(
      'the end of the session to be recorded',
      () => recordingText(cluster, uid),
      (text) => text.includes(why),
    )
    await kubectl.delete('pod', app, namespace)
  })

  test('a namespace that is not allowed any more is out within two seconds, at Snowflake too', async () => {
    const app = 'withdrawn'
    const own = ownConnection(app, namespace)
    await kubectl.apply([own.connection, own.policy, own.masking])
    await ready(app)
    const before = (await warehouseSessions(cluster)).open
    await kubectl.apply(session(app, app))
    await working(app)
    const opened = async (): Promise<readonly string[]> =>
      [...(await warehouseSessions(cluster)).open].filter((id) => !before.has(id))
    expect(await opened()).not.toEqual([])
    await kubectl.apply(
      ownConnection(app, namespace, { allowedNamespaces: { from: 'Same' } }).connection,
    )
    const withdrawn = Date.now()
    const all = await waitUntil(
      'a refusal',
      () => answers(app),
      (each) => each.some(isError),
    )
    const first = all.find(isError)
    measured('namespace withdrawn to first refusal', (first?.at ?? 0) - withdrawn)
    expect((first?.at ?? Infinity) - withdrawn).toBeLessThan(2000)
    await waitUntil('sessions at Snowflake to end', opened, (open) => open.length === 0)
    const { lastClosed } = await warehouseSessions(cluster)
    measured('namespace withdrawn to last session closed at Snowflake', lastClosed - withdrawn)
    expect(lastClosed - withdrawn).toBeLessThan(2000)
    await notReady(app)
    // An allowance that comes back is no way back for a sidecar that was revoked in between.
    await kubectl.delete('pod', app, namespace)
  })

  test('a pod that is deleted gets no credential from then on', async () => {
    const pod = 'deleted'
    const own = ownConnection(name, namespace)
    await kubectl.apply([own.policy, own.masking])
    await ready(name)
    // Never scheduled, so that the test can be its sidecar.
    const spec = { nodeSelector: { nowhere: 'at-all' } }
    await kubectl.apply(runnerPod({ namespace, name: pod, connection: name, statements: [], spec }))
    const { initContainers = [] } = (await kubectl.get<Pod>('pod', pod, namespace)).spec
    const env = initContainers.flatMap((container) => container.env ?? [])
    const trust = env.find((variable) => variable.name === 'FROSTGATE_TRUST')?.value ?? ''
    const access = await reachBroker(cluster, trust)
    try {
      const sidecar = await access.sidecar()
      const enrolled = await sidecar.enrol(await stolenToken(cluster, { namespace, pod }))
      expect(enrolled.status, JSON.stringify(enrolled.body)).toBe(200)
      const credential = () => sidecar.call('/v1/credential', { method: 'POST', body: {} })
      const { status } = await credential()
      expect(status).toBe(200)
      await kubectl.delete('pod', pod, namespace)
      const deleted = performance.now()
      const { body } = await waitUntil('a refusal', credential, (answer) => answer.status !== 200)
      measured('pod deleted to credential refused', performance.now() - deleted)
      expect(performance.now() - deleted).toBeLessThan(2000)
      expect(body).toMatchObject({ error: 'PodRevoked' })
    } finally {
      access.close()
    }
  })

  test('an operator that is away closes what may not be stale, and its return opens it', async () => {
    const app = 'brief'
    const own = ownConnection(app, namespace, { maxStale: '5s' })
    await kubectl.apply([own.connection, own.policy, own.masking])
    await ready(app)
    await kubectl.apply(session(app, app))
    await working(app)
    await scale(0)
    const away = Date.now()
    const refused = await waitUntil(
      'a refusal',
      () => answers(app),
      (each) => each.some(isError),
    )
    const first = refused.find(isError)
    measured('operator gone to first refusal, with maxStale 5 s', (first?.at ?? 0) - away)
    expect((first?.at ?? Infinity) - away).toBeLessThan(7000)
    expect(first?.error?.message).toMatch(/operator/)
    await notReady(app)
    await scale(1)
    const back = Date.now()
    const all = await waitUntil(
      'rows again',
      () => answers(app),
      (each) => !isError(each.at(-1) ?? { at: 0 }),
    )
    const again = all.find((answer) => answer.at > (first?.at ?? 0) && !isError(answer))
    measured('operator back to first row', (again?.at ?? 0) - back)
    expect(await sidecarSays(cluster, namespace, app, 'ready')).toContain('"ok":true')
    await kubectl.delete('pod', app, namespace)
  })
})

async function ready(connection: string): Promise<void> {
  const wait = ['wait', '--for=condition=Ready', `sfc/${connection}`, '-n', release.namespace]
  await kubectl.run([...wait, '--timeout=30s'])
}

async function notReady(app: string): Promise<void> {
  const refusal = await refusalOf(sidecarSays(cluster, namespace, app, 'ready'))
  expect(refusal).toContain('ServiceUnavailable')
}

/** Waits until there are as many. */
async function scale(replicas: number): Promise<void> {
  const deployment = `deployment/${release.name}-operator`
  await kubectl.run(['scale', deployment, '-n', release.namespace, `--replicas=${replicas}`])
  if (replicas > 0) {
    await kubectl.run(['rollout', 'status', deployment, '-n', release.namespace])
    return
  }
  await waitUntil(
    'the operator to be gone',
    () => kubectl.list('pods', release.namespace, 'app.kubernetes.io/component=operator'),
    (pods) => pods.length === 0,
  )
}

/** Changes keys in the stand-in's Secret, and waits until its pod sees them. */
async function warehouseKeys(keys: Readonly<Record<string, string | null>>): Promise<void> {
  const warehouse = 'snowflake-example'
  const data = Object.fromEntries(
    Object.entries(keys).map(([file, key]) => [file, key && Buffer.from(key).toString('base64')]),
  )
  const patch = JSON.stringify({ data })
  await kubectl.run(['patch', 'secret', 'warehouse', '-n', warehouse, '--type=merge', '-p', patch])
  const [pod] = await kubectl.list('pods', warehouse, 'app=warehouse')
  const where = { namespace: warehouse, pod: pod?.metadata.name ?? '', container: 'warehouse' }
  const script = `JSON.stringify(Object.fromEntries(${JSON.stringify(Object.keys(keys))}.map((f) => {
    try { return [f, require('fs').readFileSync('/etc/warehouse/' + f, 'utf8')] } catch { return [f, null] }
  })))`
  await waitUntil(
    'the stand-in to see its keys',
    async () => JSON.parse(await inNode(cluster, where, script)) as Record<string, string | null>,
    (seen) => Object.entries(keys).every(([file, key]) => seen[file] === key),
    { seconds: 120 },
  )
}
