/** Requests, receivers on loopback, and a target that does what a test says. */

import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import type { ApprovalRequest } from '../../../crds/types.ts'
import { DeliveryFailed, type Target, type Told } from '../../../operator/notify/target.ts'
import type { Phase, RequestStatus } from '../../../operator/approvals/types.ts'
import type { MemoryServer } from '../approvals/memory-store.ts'

export const start = Date.parse('2030-01-01T00:00:00Z')

export function request(
  number: number,
  status: RequestStatus = { phase: 'Pending' },
  spec: Partial<ApprovalRequest['spec']> = {},
): ApprovalRequest {
  const digits = number.toString(16).padStart(64, '0')
  return {
    apiVersion: 'frostgate.dev/v1alpha1',
    kind: 'ApprovalRequest',
    metadata: { namespace: 'frostgate', name: digits.slice(-16), uid: `uid-${number}` },
    spec: {
      connectionRef: { name: 'acme' },
      principal: { provider: 'okta', issuer: 'https://idp.example', subject: 'agent-7' },
      pod: { namespace: 'ci', name: 'runner', uid: 'pod-1', serviceAccountName: 'runner' },
      statementDigest: `sha256:${digits}`,
      statement: 'SELECT NAME FROM CLINIC.PUBLIC.PATIENTS',
      role: 'AGENT_READER',
      objects: [{ name: 'CLINIC.PUBLIC.PATIENTS', access: 'Query' }],
      maskedColumns: ['CLINIC.PUBLIC.PATIENTS.SSN'],
      rules: [{ policy: 'agents', rule: 'patients' }],
      rulesDigest: `sha256:${'b'.repeat(64)}`,
      reason: 'Rule "patients" asks for people.',
      approvers: { groups: ['data-stewards'], count: 1 },
      delivery: 'Wait',
      uses: 1,
      validFor: '15m',
      truncated: false,
      expiresAt: '2030-01-01T01:00:00Z',
      ...spec,
    },
    status,
  }
}

export function keyOf({ metadata }: ApprovalRequest) {
  return { namespace: metadata.namespace ?? '', name: metadata.name }
}

/** As the server keeps it. */
export function kept(server: MemoryServer, of: ApprovalRequest): ApprovalRequest {
  const found = server.requests.get(`${of.metadata.namespace ?? ''}/${of.metadata.name}`)
  if (found === undefined) throw new Error('it is gone')
  return found
}

export function setStatus(server: MemoryServer, of: ApprovalRequest, status: RequestStatus): void {
  const known = kept(server, of)
  server.put({ ...known, status: { ...known.status, ...status } })
}

export interface FakeTarget extends Target {
  readonly calls: { readonly name: string; readonly phase: Phase; readonly reference?: string }[]
  /** Says what becomes of the next calls. */
  act: (name: string, phase: Phase) => Promise<Told> | Told
  most: number
}

export function fakeTarget(name: string, atOnce = 4): FakeTarget {
  let now = 0
  const target: FakeTarget = {
    name,
    atOnce,
    calls: [],
    most: 0,
    act: () => ({}),
    wants: () => true,
    tell: async ({ metadata }, phase, reference) => {
      target.calls.push({
        name: metadata.name,
        phase,
        ...(reference === undefined ? {} : { reference }),
      })
      now += 1
      target.most = Math.max(target.most, now)
      try {
        return await target.act(metadata.name, phase)
      } finally {
        now -= 1
      }
    },
  }
  return target
}

export function failing(message = 'HTTP 500', retryAfterMs?: number): () => never {
  return () => {
    throw new DeliveryFailed('target', message, retryAfterMs)
  }
}

/** Lets everything that needs no timer happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1)
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
}

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Receiver {
  readonly url: string
  readonly received: Received[]
  answer: (
    got: Received,
  ) => { status: number; headers?: Record<string, string>; body?: string } | 'silence'
  close(): Promise<void>
}

/** Where it listens, for who is not on this machine's loopback; then over TLS, as `name`. */
export interface ReceivesAt {
  readonly host: string
  readonly name: string
  readonly certificate: string
  readonly key: string
}

export async function receiver(at?: ReceivesAt): Promise<Receiver> {
  const received: Received[] = []
  const made: Receiver = {
    url: '',
    received,
    answer: () => ({ status: 204 }),
    close: () => closed(server),
  }
  const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', () => {
      const body = Buffer.concat(parts).toString()
      const { method = '', url = '', headers } = incoming
      const got = { method, path: url, headers, body }
      received.push(got)
      const answer = made.answer(got)
      if (answer === 'silence') return
      response.writeHead(answer.status, answer.headers).end(answer.body)
    })
  }
  const server =
    at === undefined
      ? createServer(listener)
      : createTlsServer({ cert: at.certificate, key: at.key }, listener)
  await new Promise<void>((resolve) => {
    server.listen(0, at?.host ?? '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const origin = at === undefined ? 'http://127.0.0.1' : `https://${at.name}`
  return Object.assign(made, { url: `${origin}:${port}` })
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}
