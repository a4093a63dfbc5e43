/**
 * The human inside the client's own call, with all parts of it: four drivers in pods wait, and people
 * decide by kubectl, by command, on the page in Chromium, and in Slack.
 */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { executable, remedy } from '../../operator/page/support/chromium.ts'
import { connectCluster } from '../cluster.ts'
import {
  heldObjects,
  holdingConnection,
  holdingPolicy,
  installWithOffices,
  type Offices,
  type RequestObject,
} from '../support/approvals.ts'
import { installFrostgate, release, unique } from '../support/frostgate.ts'
import {
  clientNames,
  startHeldClients,
  type ClientName,
  type HeldAnswer,
  type HeldClient,
  type HeldClients,
} from '../support/held-clients.ts'
import { forwardedPort, type ForwardedPort } from '../support/port-forward.ts'
import { eventsIn, recordingText } from '../support/recording.ts'
import { measured } from '../support/runner.ts'
import { byCommand, byKubectl, inSlack, onPage, type Decide } from '../support/stewards.ts'
import { waitUntil } from '../wait.ts'

const cluster = connectCluster(inject('cluster'))
const { facts, kubectl } = cluster
const name = unique('held')
const namespace = name
const patients = 'SELECT id, name, ssn FROM health.phi.patients'

let offices: Offices
let clients: HeldClients
let page: ForwardedPort
/** Of the rule that changes; each attempt changes it again. */
let people = 1
const expiries: Promise<readonly [ClientName, HeldAnswer]>[] = []

const say = (line: string): void => {
  console.log(line)
}

/** A statement of its own for each client and scenario, so that none is another's duplicate. */
const marked = (sql: string, mark: string): string =>
  `${sql} WHERE '${mark}' <> '' ORDER BY 1 LIMIT 2`

const requests = () => kubectl.list<RequestObject>('approvalrequests', release.namespace)

async function requestOf(mark: string, phase = 'Pending'): Promise<RequestObject> {
  const found = await waitUntil(
    `the request of ${mark} to be ${phase}`,
    async () => (await requests()).find(({ spec }) => spec.statement.includes(`'${mark}'`)),
    (request) => request?.status?.phase === phase,
    { seconds: 40 },
  )
  if (found === undefined) throw new Error('there is one')
  return found
}

/** Each client asks, somebody does something about its request, and the client has its answer. */
async function each(
  scenario: string,
  act: (request: RequestObject, client: HeldClient) => Promise<void>,
  judge: (answer: HeldAnswer, request: RequestObject) => Promise<void> | void,
  sql = patients,
): Promise<void> {
  const attempt = unique('try')
  await Promise.all(
    clients.all.map(async (client) => {
      // Of this attempt alone: one of an attempt before may be open still.
      const mark = `${scenario} ${client.name} ${attempt}`
      const answer = client.ask(marked(sql, mark))
      const early = answer.then(({ rows, error }) => {
        throw new Error(`${mark} was not held: ${JSON.stringify(rows ?? error)}`)
      })
      const request = await Promise.race([requestOf(mark), early])
      early.catch(() => undefined)
      const began = performance.now()
      await act(request, client)
      const taken = performance.now()
      const got = await answer
      measured(
        `${scenario} ${client.name}: the person's tool took ${Math.round(taken - began)} ms; from its start to the client's answer`,
        got.at - began,
      )
      await judge(got, request)
    }),
  )
}

const approvedBy =
  (username: RegExp, via: string) =>
  async ({ rows, error }: HeldAnswer, { metadata }: RequestObject): Promise<void> => {
    expect(error).toBeUndefined()
    expect(rows).toHaveLength(2)
    for (const [, , ssn] of rows ?? []) expect(ssn).toMatch(/^\*+\d{4}$/)
    const { status } = await kubectl.waitFor<RequestObject>(
      'approvalrequest',
      metadata.name,
      release.namespace,
      (request) => request.status?.phase === 'Used',
    )
    expect(status?.decisions?.map((decision) => decision.via)).toEqual([via])
    expect(status?.decisions?.[0]?.username).toMatch(username)
  }

const deniedWith = (note: string) => {
  return ({ rows, error }: HeldAnswer): void => {
    expect(rows).toBeUndefined()
    expect(error?.message).toContain('ApprovalDenied')
    expect(error?.message).toContain(note)
  }
}

const runs = facts.part === 'node' && 'path' in facts.helmFinding && facts.nodeIp !== undefined
if (executable === undefined) console.log(`SKIPPED: approvals on the page: ${remedy}`)

describe.runIf(runs)('Approvals', () => {
  beforeAll(async () => {
    offices = await installWithOffices(cluster, namespace)
    await holdingConnection(cluster, name, namespace)
    clients = await startHeldClients(cluster, { namespace, connection: name }, say)
    page = await forwardedPort(cluster, release.namespace, 'frostgate-page', 8444)
    // These take a minute, in which all else goes on.
    for (const client of clients.all)
      expiries.push(
        client
          .ask(marked('SELECT visit_id FROM health.phi.visits', `expired ${client.name}`))
          .then((answer) => [client.name, answer] as const),
      )
  })

  afterAll(async () => {
    page.close()
    await clients.close()
    await kubectl.delete('namespace', namespace)
    for (const kind of ['snowflakeconnection', 'agentpolicy', 'maskingrule', 'rolebinding'])
      await kubectl.delete(kind, name, release.namespace)
    // Without the offices, which end with this suite.
    await installFrostgate(cluster)
    await offices.close()
  })

  test('has all four clients', () => {
    expect(clients.all.map((client) => client.name)).toEqual([...clientNames])
  })

  const approving = (decide: Decide) => (request: RequestObject) =>
    decide(request, 'Approve', 'Agreed with the study team')

  test('approved by kubectl create -f', async () => {
    await each('kubectl', approving(byKubectl(cluster)), approvedBy(/^dana$/, 'Kubernetes'))
  })

  test('approved by frostgate approve', async () => {
    const decide = await byCommand(cluster)
    await each('command', approving(decide), approvedBy(/^carl$/, 'Kubernetes'))
  })

  test.skipIf(executable === undefined)('approved on the page, in Chromium', async () => {
    const person = await onPage(page.port)
    try {
      await each('page', approving(person.decide), approvedBy(/^https:.*#ada$/, 'Oidc'))
    } finally {
      await person.close()
    }
  })

  test('approved in Slack', async () => {
    await each(
      'slack',
      approving(inSlack(offices.slack, page.port)),
      approvedBy(/^https:.*#sam$/, 'Slack'),
    )
  })

  test('denied: each client is told why', async () => {
    const note = 'Use the monthly totals instead'
    const decide = byKubectl(cluster)
    await each('denied', (request) => decide(request, 'Deny', note), deniedWith(note))
  })

  test('denied in Slack, by the form that asks why', async () => {
    const note = 'Not before the review'
    const decide = inSlack(offices.slack, page.port)
    await each('form', (request) => decide(request, 'Deny', note), deniedWith(note))
  })

  test('withdrawn by the client itself', async () => {
    await Promise.all(
      clients.all.map(async ({ name: client, ask }) => {
        const mark = `withdrawn ${client}`
        const { rows, error } = await ask(marked(patients, mark), { cancelAfterMs: 3_000 })
        expect(rows).toBeUndefined()
        expect(error).toBeDefined()
        await requestOf(mark, 'Withdrawn')
      }),
    )
  })

  test('the table altered in between: nothing runs', async () => {
    const [first] = clients.all
    const column = unique('later').replace('-', '_')
    let altered: Promise<HeldAnswer> | undefined
    const decide = byKubectl(cluster)
    await each(
      'altered',
      async (request) => {
        altered ??= first?.ask(
          `ALTER TABLE ${heldObjects.altered.object} ADD COLUMN ${column} DATE`,
        )
        expect((await altered)?.error).toBeUndefined()
        await decide(request, 'Approve', 'as it was')
      },
      async ({ rows, error }, { metadata }) => {
        expect(rows).toBeUndefined()
        expect(error?.message).toContain('ApprovalOutdated')
        // It was approved, and no use of that was taken.
        await kubectl.waitFor<RequestObject>(
          'approvalrequest',
          metadata.name,
          release.namespace,
          ({ status }) => status?.phase === 'Withdrawn',
        )
      },
      'SELECT event_id FROM staging.public.events',
    )
  })

  test('expired: refused after its minute', async () => {
    for (const [client, { rows, error, ms }] of await Promise.all(expiries)) {
      measured(`expired ${client}: from the login to the refusal`, ms)
      expect(rows, client).toBeUndefined()
      expect(error?.message, client).toContain('ApprovalExpired')
      await requestOf(`expired ${client}`, 'Expired')
    }
  })

  test('the rule changed in between: void, and refused', async () => {
    let held = 0
    const all = Promise.withResolvers<undefined>()
    const changed = all.promise.then(() => {
      people += 1
      return kubectl.apply(holdingPolicy(name, namespace, { changing: people }))
    })
    await each(
      'changing',
      async () => {
        held += 1
        if (held === clients.all.length) all.resolve(undefined)
        await changed
      },
      async ({ rows, error }, { metadata }) => {
        expect(rows).toBeUndefined()
        expect(error?.message).toContain('ApprovalOutdated')
        await kubectl.waitFor<RequestObject>(
          'approvalrequest',
          metadata.name,
          release.namespace,
          // Either the operator hears of it first, or the sidecar, which waits no longer then.
          ({ status }) => ['Void', 'Withdrawn'].includes(status?.phase ?? ''),
        )
      },
      'SELECT customer_id FROM analytics.public.customers',
    )
  })

  test('everything is in the recordings of the sidecars', async () => {
    const expected = ['approved', 'denied', 'expired', 'withdrawn']
    for (const pod of clients.podNames.values()) {
      const { metadata } = await kubectl.get('pod', pod, namespace)
      const { events, asked, decided } = await waitUntil(
        `the recording of ${pod}`,
        async () => {
          const all = eventsIn(await recordingText(cluster, metadata.uid))
          const questions = all.filter(({ type }) => type === 'approval.requested')
          const answers = all.filter(({ type }) => type === 'approval.decided')
          const answered = new Set(answers.map(({ statement }) => statement))
          // But for what an attempt that failed left open.
          const open = (await requests()).filter(
            ({ spec, status }) => spec.pod?.name === pod && status?.phase === 'Pending',
          )
          return {
            missing: questions.filter(({ statement }) => !answered.has(statement)),
            outcomes: answers.map((event) => event['outcome']),
            open: open.length,
            asked: questions,
            decided: answers,
            events: all,
          }
        },
        // The last of them is on its way to the operator for a moment.
        ({ missing, outcomes, open, ...found }) =>
          found.asked.length >= 10 &&
          expected.every((outcome) => outcomes.includes(outcome)) &&
          missing.length <= open,
      )
      expect(asked.map(({ statement }) => statement)).toEqual(
        expect.arrayContaining(decided.map(({ statement }) => statement)),
      )
      // What was held and not approved was never sent.
      const ran = new Set(
        events.flatMap(({ type, statement }) => (type === 'statement.finished' ? [statement] : [])),
      )
      for (const { outcome, statement } of decided)
        if (outcome !== 'approved') expect(ran).not.toContain(statement)
      const outdated = asked.filter(({ statement }) =>
        events.some(
          (event) =>
            event['statement'] === statement && JSON.stringify(event).includes('ApprovalOutdated'),
        ),
      )
      expect(outdated.length).toBeGreaterThanOrEqual(1)
      for (const { statement } of outdated) expect(ran).not.toContain(statement)
      const by = decided.flatMap((event) => event['by'] as readonly string[])
      expect(by.map((each) => each.replace(/^.*#/, '')).sort()).toEqual(
        expect.arrayContaining(['carl', 'dana', 'sam']),
      )
    }
  })
})
