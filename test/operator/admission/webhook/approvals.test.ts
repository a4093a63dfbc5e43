/** The webhooks of decisions, as the API server asks them. */

import { describe, expect, test } from 'vitest'

import type { ApprovalRequest } from '../../../../crds/types.ts'
import {
  approvalHandler,
  type ApprovalAdmission,
} from '../../../../operator/admission/webhook/approvals.ts'
import { dana, now, operator, request, rule, written } from '../approval/support.ts'

interface Asked {
  readonly path?: string
  readonly operation?: string
  readonly resource?: string
  readonly subResource?: string
  readonly namespace?: string
  readonly object?: unknown
}

async function ask(asked: Asked, more: Partial<ApprovalAdmission> = {}) {
  const incidents: unknown[] = []
  const handle = approvalHandler({
    operatorUser: operator,
    serves: (namespace) => namespace === 'frostgate',
    request: ({ name }) => Promise.resolve(name === request.metadata.name ? request : undefined),
    decisions: () => [],
    ruleFor: () => rule,
    now: () => now,
    incident: (error) => {
      incidents.push(error)
      return 'f00'
    },
    ...more,
  })
  const { path = '/stamp', resource = 'approvaldecisions', operation = 'CREATE', ...rest } = asked
  const { response } = await handle(path, {
    request: {
      uid: 'u1',
      kind: { group: 'frostgate.dev', version: 'v1alpha1', kind: 'ApprovalDecision' },
      resource: { group: 'frostgate.dev', version: 'v1alpha1', resource },
      operation,
      namespace: 'frostgate',
      userInfo: dana,
      object: written(),
      ...rest,
    },
  })
  expect(response.uid).toBe('u1')
  return { ...response, code: response.status?.code, message: response.status?.message, incidents }
}

const stamped = written({ decidedBy: dana })

describe('The webhook that stamps', () => {
  test('patches who decides, whoever was written', async () => {
    const { allowed, patch } = await ask({ object: written({ decidedBy: { username: 'root' } }) })
    expect(allowed).toBe(true)
    const operations = JSON.parse(Buffer.from(patch ?? '', 'base64').toString()) as object[]
    expect(operations).toContainEqual({ op: 'add', path: '/spec/decidedBy', value: dana })
  })

  test('refuses another’s way', async () => {
    expect(await ask({ object: written({ via: 'Slack' }) })).toMatchObject({ code: 403 })
  })
})

describe('The webhook that judges', () => {
  test('lets in what counts, and refuses the rest in words', async () => {
    expect(await ask({ path: '/decide', object: stamped })).toMatchObject({ allowed: true })
    const { code, message } = await ask({ path: '/decide' })
    expect(code).toBe(403)
    expect(message).toMatch(/^frostgate: spec\.decidedBy is not who you are/)
  })

  test('knows the decisions that are there, and the rule in force', async () => {
    const before = {
      ...stamped,
      metadata: { ...stamped.metadata, name: 'before', creationTimestamp: '2026-03-01T11:59:30Z' },
    }
    const again = await ask({ path: '/decide', object: stamped }, { decisions: () => [before] })
    expect(again.message).toContain('DecidedBefore')
    const gone = await ask({ path: '/decide', object: stamped }, { ruleFor: () => undefined })
    expect(gone.message).toContain('RuleGone')
  })
})

describe.each(['/stamp', '/decide'])('The webhook at %s', (path) => {
  test('refuses what is about no request, and asks for no odd name', async () => {
    const names: unknown[] = []
    const none = (key: { readonly name: string }): Promise<ApprovalRequest | undefined> => {
      names.push(key.name)
      return Promise.resolve(undefined)
    }
    const of = (requestRef: unknown) =>
      ask({ path, object: written({ requestRef }) }, { request: none })
    for (const requestRef of [
      { name: 'gone' },
      { name: '../x' },
      { name: 'a\u001b[2Jb' },
      {},
      null,
    ]) {
      const { code, message } = await of(requestRef)
      expect(code).toBe(403)
      expect(message).toContain('there is no ApprovalRequest')
      expect(message).not.toContain('\u001b')
    }
    expect(names).toEqual(['gone'])
  })

  test('refuses a namespace without connections, and asks nothing of it', async () => {
    const { code, message } = await ask(
      { path, namespace: 'team-x' },
      { request: () => Promise.reject(new Error('asked')) },
    )
    expect(code).toBe(403)
    expect(message).toContain('namespace team-x has no connections')
  })

  test('lets it be tried again where the request cannot be read', async () => {
    const failing = { request: () => Promise.reject(new Error('the API server is away')) }
    const { code, message, incidents } = await ask({ path, object: stamped }, failing)
    expect(code).toBe(503)
    expect(message).toMatch(/cannot be read at the moment \(incident f00\)/)
    expect(message).not.toContain('away')
    expect(incidents).toHaveLength(1)
  })

  test.each([
    ['another resource', { resource: 'approvalrequests' }],
    ['another operation', { operation: 'UPDATE' }],
    ['a subresource', { subResource: 'status' }],
    ['no namespace', { namespace: '' }],
  ])('refuses %s', async (_, asked) => {
    const { allowed, message } = await ask({ path, object: stamped, ...asked })
    expect(allowed).toBe(false)
    expect(message).toContain('UnknownRequest')
  })

  test('refuses what is larger than a decision can be, before any work', async () => {
    const object = written({ more: Array.from({ length: 30_000 }, () => 1) })
    const { message } = await ask(
      { path, object },
      { request: () => Promise.reject(new Error('asked')) },
    )
    expect(message).toContain('ObjectTooLarge')
  })

  test('answers a fault of ours with its incident', async () => {
    const { code, message } = await ask(
      { path, object: stamped },
      { serves: () => { throw new Error('secret') } },
    ) // prettier-ignore
    expect(code).toBe(500)
    expect(message).not.toContain('secret')
  })
})

test('What is no review, or has no such path, is refused', async () => {
  expect((await ask({ path: '/inject' })).message).toContain('is not judged at /inject')
  const handle = approvalHandler({} as ApprovalAdmission)
  for (const review of [null, 7, {}, { request: {} }])
    expect((await handle('/stamp', review)).response).toMatchObject({ allowed: false })
})
