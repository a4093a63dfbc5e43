/** Requests as an operator makes them, and an API server that keeps them and judges decisions. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'

import type { ApprovalRequest } from '../../../crds/types.ts'

export const digest = `sha256:${'6f1c0e2a9b7d4c53'.repeat(4)}`
export const name = '6f1c0e2a9b7d4c53'

export const spec: ApprovalRequest['spec'] = {
  connectionRef: { name: 'acme' },
  principal: {
    provider: 'cluster',
    issuer: 'https://idp.example',
    subject: 'agent-7',
    groups: ['ai-agents'],
    run: 'run-42',
  },
  pod: { namespace: 'ci', name: 'runner-0', uid: 'f00d', serviceAccountName: 'runner' },
  statementDigest: digest,
  statement: "UPDATE HEALTH.PHI.PATIENTS SET CITY = ? WHERE ID = $pid AND CITY <> 'Bern'",
  truncated: false,
  class: 'DML',
  binds: [{ name: '1', type: 'TEXT', value: 'Zürich' }],
  variables: [{ name: 'PID', value: '42' }],
  role: 'AGENT_WRITER',
  warehouse: 'AGENT_WH',
  objects: [
    { name: 'HEALTH.PHI.PATIENTS', access: 'DML', lastDDL: '2026-11-01T00:00:00Z' },
    { name: 'HEALTH.PHI.VISITS', access: 'Query' },
  ],
  maskedColumns: ['HEALTH.PHI.PATIENTS.SSN'],
  rules: [{ policy: 'ai-agents', rule: 'phi-needs-a-steward' }],
  rulesDigest: digest,
  reason: 'Rule phi-needs-a-steward asks for it.',
  agentReason: 'The patient has moved.',
  approvers: { groups: ['data-stewards'], count: 2 },
  delivery: 'Wait',
  uses: 1,
  validFor: '15m',
  expiresAt: new Date(Date.now() + 600_000).toISOString(),
}

export function request(
  of: Partial<ApprovalRequest['spec']> = {},
  status: ApprovalRequest['status'] = { phase: 'Pending' },
  named = name,
): ApprovalRequest {
  return {
    apiVersion: 'frostgate.dev/v1alpha1',
    kind: 'ApprovalRequest',
    metadata: {
      name: named,
      namespace: 'frostgate',
      uid: '7e57',
      generation: 1,
      creationTimestamp: new Date(Date.now() - 125_000).toISOString(),
    },
    spec: { ...spec, ...of },
    status,
  }
}

export interface Answer {
  readonly code: number
  readonly reason?: string
  readonly message: string
}

export interface FakeCluster {
  readonly kubeconfig: string
  requests: ApprovalRequest[]
  /** Bodies of what was posted, in order. */
  readonly posted: unknown[]
  /** Instead of taking a decision. */
  refuse: Answer | undefined
  /** Instead of any answer to a GET. */
  unreadable: Answer | undefined
  /** What becomes of a decision; undefined: nothing. */
  judge:
    ((cluster: FakeCluster) => { readonly status: string; readonly message: string }) | undefined
  close(): Promise<void>
}

const base = '/apis/frostgate.dev/v1alpha1'

export async function fakeCluster(): Promise<FakeCluster> {
  const decisions = new Map<string, object>()
  const answer = async (message: IncomingMessage): Promise<readonly [number, object]> => {
    const { pathname } = new URL(message.url ?? '/', 'http://localhost')
    const own = `${base}/namespaces/frostgate`
    const failed = ({ code, reason, message: why }: Answer) =>
      [code, { kind: 'Status', status: 'Failure', code, reason, message: why }] as const
    if (message.method === 'POST' && pathname === `${own}/approvaldecisions`) {
      const body = (await json(message)) as { metadata: object }
      cluster.posted.push(body)
      if (cluster.refuse !== undefined) return failed(cluster.refuse)
      const judged = cluster.judge?.(cluster)
      const made = `${name}-x${decisions.size}`
      const conditions = judged === undefined ? [] : [{ type: 'Ready', reason: 'R', ...judged }]
      const kept = { ...body, metadata: { ...body.metadata, name: made }, status: { conditions } }
      decisions.set(made, kept)
      return [201, kept]
    }
    if (cluster.unreadable !== undefined) return failed(cluster.unreadable)
    if ([`${own}/approvalrequests`, `${base}/approvalrequests`].includes(pathname)) {
      return [200, { items: cluster.requests }]
    }
    const [plural = '', wanted = ''] = pathname.slice(own.length + 1).split('/')
    const found =
      plural === 'approvalrequests'
        ? cluster.requests.find(({ metadata }) => metadata.name === wanted)
        : decisions.get(wanted)
    if (found !== undefined) return [200, found]
    return failed({ code: 404, message: `${plural}.frostgate.dev "${wanted}" not found` })
  }
  const server = createServer((message, response) => {
    void answer(message).then(([code, body]) => {
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const folder = await mkdtemp(join(tmpdir(), 'frostgate-approvals-'))
  const kubeconfig = join(folder, 'config')
  const cluster: FakeCluster = {
    kubeconfig,
    requests: [],
    posted: [],
    refuse: undefined,
    unreadable: undefined,
    judge: undefined,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
  await writeFile(kubeconfig, kubeconfigOf(`http://127.0.0.1:${port}`))
  return cluster
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'fake', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'ann', user: {} }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'ann' } }],
    'current-context': 'fake',
  })
}
