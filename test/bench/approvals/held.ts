/**
 * Thousands of held statements on one operator that runs as its image does: what it weighs, what it
 * does while nothing happens, and how soon it knows them all again after a restart.
 */

import { questionOf } from '../../operator/approvals/asked.ts'
import { enrolled, type Sidecar } from '../operator/fan-out.ts'
import { operatorNamespace, policy } from '../operator/objects.ts'
import { webhookHost, type BenchOperator } from '../operator/operator.ts'
import { Reviewer } from '../operator/reviews.ts'
import { pause } from './figures.ts'

export interface Held {
  readonly sidecars: number
  /** MB. */
  readonly rss: {
    readonly empty: number
    /** With the sidecars' streams, and nothing held. */
    readonly streams: number
    readonly held: number
    /** The most that was seen. */
    readonly most: number
    readonly idle: number
    readonly restarted: number
  }
  /** Milliseconds of each call. */
  readonly asking: readonly number[]
  readonly askedPerSecond: number
  /** Milliseconds of CPU in a minute in which nothing happens: before there are any, and with all. */
  readonly idleMs: { readonly before: number; readonly held: number }
  /** Milliseconds of one decision until its sidecar is told, with all the others pending. */
  readonly told: readonly number[]
  /** Seconds from the start of the process until it serves, with nothing held and with all. */
  readonly startSeconds: { readonly empty: number; readonly held: number }
}

/** One less than a pod may have open. */
const perSidecar = 63
const rule = { policy: 'policy-0-asking', rule: 'patients' }

export async function measureHeld(
  operator: BenchOperator,
  count: number,
  idleSeconds: number,
): Promise<Held> {
  await pause(3_000)
  const empty = operator.process.rss()
  await askPeople(operator)
  const target = { port: operator.ports.webhooks, host: webhookHost, ca: operator.trust }
  const reviewer = new Reviewer(target)
  const { sidecars } = await enrolled(operator, reviewer, Math.ceil(count / perSidecar))
  await pause(3_000)
  const streams = operator.process.rss()
  const before = await idle(operator, idleSeconds)
  const most = watched(operator)
  const { asking, askedPerSecond } = await askAll(sidecars, count)
  await allPending(operator, count)
  await pause(3_000)
  const held = operator.process.rss()
  const idleHeld = await idle(operator, idleSeconds)
  const idleRss = operator.process.rss()
  const told = await decideSome(operator, sidecars)
  const mostRss = most()
  for (const { sidecar, stream } of sidecars) {
    stream.close()
    sidecar.close()
  }
  reviewer.close()
  const again = await operator.restart()
  await pause(3_000)
  const restarted = again.process.rss()
  await again.process.stop()
  return {
    sidecars: sidecars.length,
    rss: { empty, streams, held, most: mostRss, idle: idleRss, restarted },
    ...{ asking, askedPerSecond, told },
    idleMs: { before, held: idleHeld },
    startSeconds: { empty: operator.startSeconds, held: again.startSeconds },
  }
}

async function askPeople({ client }: BenchOperator): Promise<void> {
  const { object } = policy(0, 'asking')
  const asking = {
    ...{ name: rule.rule, action: 'RequireApproval', statements: ['Query'] },
    objects: ['HEALTH.PHI.PATIENTS'],
    approval: { approvers: { groups: ['stewards'] }, expiresAfter: '24h' },
  }
  const spec = { ...(object['spec'] as object), rules: [asking] }
  await client.request('POST', collection('agentpolicies'), { body: { ...object, spec } })
  await pause(1_000)
}

const collection = (plural: string): string =>
  `/apis/frostgate.dev/v1alpha1/namespaces/${operatorNamespace}/${plural}`

/** A statement as agents write them: about a kilobyte. */
function question(number: number) {
  const columns = Array.from({ length: 40 }, (_, index) => `p.column_${index} AS c${index}`)
  const text = `SELECT ${columns.join(', ')} FROM health.phi.patients p WHERE p.id = ${number}`
  const now = Date.now()
  return { ...questionOf(text), rule, askedAt: now, expiresAt: now + 86_400_000 }
}

async function askAll(sidecars: readonly Sidecar[], count: number) {
  const asking: number[] = []
  let next = 0
  const since = performance.now()
  const work = async (): Promise<void> => {
    while (next < count) {
      const number = (next += 1)
      const asks = sidecars[number % sidecars.length]
      const body = { instance: `process-${number % sidecars.length}`, question: question(number) }
      const start = performance.now()
      const answer = await asks?.sidecar.call('/v1/approvals', { method: 'POST', body })
      asking.push(performance.now() - start)
      if (answer?.status !== 200) throw new Error(`refused: ${answer?.bytes.toString() ?? ''}`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return { asking, askedPerSecond: (count * 1_000) / (performance.now() - since) }
}

interface Listed {
  readonly items: readonly {
    readonly metadata: { readonly name: string }
    readonly spec: { readonly statementDigest: string }
    readonly status?: { readonly phase?: string }
  }[]
}

async function requestsIn({ client }: BenchOperator): Promise<Listed['items']> {
  return (await client.request<Listed>('GET', collection('approvalrequests'))).items
}

/** The operator has written the status of each. */
async function allPending(operator: BenchOperator, count: number): Promise<void> {
  for (;;) {
    const items = await requestsIn(operator)
    if (items.filter(({ status }) => status?.phase === 'Pending').length >= count) return
    await pause(1_000)
  }
}

async function idle({ process }: BenchOperator, seconds: number): Promise<number> {
  const before = process.cpuSeconds()
  await pause(seconds * 1_000)
  return ((process.cpuSeconds() - before) * 1_000 * 60) / seconds
}

function watched({ process }: BenchOperator): () => number {
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, process.rss())
  }, 200)
  return () => {
    clearInterval(timer)
    return most
  }
}

async function decideSome(operator: BenchOperator, sidecars: readonly Sidecar[]) {
  const times: number[] = []
  const items = (await requestsIn(operator)).slice(0, 50)
  for (const { metadata, spec } of items) {
    const since = performance.now()
    const { client } = operator
    await client.request('POST', collection('approvaldecisions'), {
      body: {
        ...{ apiVersion: 'frostgate.dev/v1alpha1', kind: 'ApprovalDecision' },
        metadata: { namespace: operatorNamespace, name: `${metadata.name}-alice` },
        spec: {
          requestRef: { name: metadata.name },
          ...{ statementDigest: spec.statementDigest, verdict: 'Approve', via: 'Kubernetes' },
          decidedBy: { username: 'alice', groups: ['stewards'] },
        },
      },
    })
    await Promise.any(
      sidecars.map(({ stream }) =>
        stream.next(
          'approval',
          ({ standing: { name, phase } }) => name === metadata.name && phase === 'Approved',
          10_000,
        ),
      ),
    )
    times.push(performance.now() - since)
  }
  return times
}
