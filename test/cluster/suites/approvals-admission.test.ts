/**
 * Decisions that must not count, as people and workloads make them on a real API server: each refused
 * at once, by the webhooks, and by policies of the API server where no webhook is asked.
 */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { connectCluster } from '../cluster.ts'
import type { KubeObject } from '../kubectl.ts'
import { exampleInForce } from '../support/attack-pods.ts'
import { ownConnection } from '../support/connections.ts'
import { release, runnerNamespace, unique } from '../support/frostgate.ts'
import { operatorAway } from '../support/webhooks-away.ts'

const cluster = connectCluster(inject('cluster'))
const { facts, kubectl } = cluster
const runs = facts.part !== 'api-server' && 'path' in facts.helmFinding
const here = unique('approvals')
const connection = unique('held')
const { namespace } = release
const operator = `system:serviceaccount:${namespace}:frostgate-operator`
const robot = `system:serviceaccount:${here}:runner`
const digest = `sha256:${'a'.repeat(64)}`
const apiVersion = 'frostgate.dev/v1alpha1'

interface Decision extends KubeObject {
  readonly spec: {
    readonly via: string
    readonly decidedBy: { readonly username: string; readonly groups: readonly string[] }
  }
  readonly metadata: KubeObject['metadata'] & {
    readonly ownerReferences?: readonly { readonly uid: string }[]
  }
}

interface Request extends KubeObject {
  readonly status?: { readonly phase?: string }
}

type Who = readonly [username: string, ...groups: readonly string[]]
const dana: Who = ['dana', 'data-stewards', 'may-approve']
const asFlags = ([user, ...groups]: Who) => [
  `--as=${user}`,
  ...groups.map((group) => `--as-group=${group}`),
]

function requestNamed(name: string, spec: object = {}): object {
  return {
    apiVersion,
    kind: 'ApprovalRequest',
    metadata: { namespace, name },
    spec: {
      connectionRef: { name: connection },
      principal: {
        provider: 'cluster',
        issuer: 'https://issuer',
        subject: robot,
        aliases: ['erin'],
      },
      pod: { namespace: here, name: 'etl', uid: 'u-1', serviceAccountName: 'runner' },
      statementDigest: digest,
      statement: 'SELECT 1',
      role: 'READER',
      reason: 'to test',
      rules: [{ policy: connection, rule: 'held' }],
      rulesDigest: digest,
      approvers: { groups: ['data-stewards'], count: 2 },
      expiresAt: new Date(Date.now() + 600_000).toISOString(),
      ...spec,
    },
  }
}

const named = (name: string) => `${connection}-${name}`

function decision(
  name: string,
  spec: object = {},
  metadata: object = {},
  request = named('open'),
): object {
  return {
    apiVersion,
    kind: 'ApprovalDecision',
    metadata: { namespace, name: named(name), ...metadata },
    spec: { requestRef: { name: request }, statementDigest: digest, verdict: 'Approve', ...spec },
  }
}

/** What the API server says to it; empty if it is made. */
async function refusal(object: object, who: Who | undefined, ...flags: readonly string[]) {
  try {
    const args = ['create', '-f', '-', ...(who === undefined ? [] : asFlags(who)), ...flags]
    await kubectl.run(args, { input: JSON.stringify(object) })
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

const tried = (object: object, who: Who) => refusal(object, who, '--dry-run=server')

async function said(args: readonly string[]): Promise<string> {
  try {
    await kubectl.run(args)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

beforeAll(async () => {
  if (!runs) return
  await exampleInForce(cluster)
  await runnerNamespace(cluster, here)
  const { connection: object, policy } = ownConnection(connection, here)
  const held = {
    name: 'held',
    action: 'RequireApproval',
    statements: ['Query'],
    objects: ['*.*.*'],
    approval: { approvers: { groups: ['data-stewards'] }, count: 2, expiresAfter: '15m' },
  }
  const { spec } = policy as { readonly spec: object }
  await kubectl.apply([object, { ...policy, spec: { ...spec, rules: [held] } }])
  await kubectl.run(
    ['wait', '--for=condition=Ready', `sfc/${connection}`, '-n', namespace, '--timeout=60s'],
    { seconds: 70 },
  )
  const apiGroup = 'rbac.authorization.k8s.io'
  const subject = (name: string) => ({ kind: 'Group', name, apiGroup })
  const rules = (verbs: readonly string[], resources: readonly string[], more: object = {}) => ({
    apiGroups: ['frostgate.dev'],
    ...{ resources, verbs, ...more },
  })
  const role = (name: string, all: readonly object[]) => [
    {
      apiVersion: `${apiGroup}/v1`,
      kind: 'Role',
      metadata: { namespace, name: named(name) },
      rules: all,
    },
    binding(name, 'Role', named(name)),
  ]
  const binding = (name: string, kind: string, of: string) => ({
    apiVersion: `${apiGroup}/v1`,
    kind: 'RoleBinding',
    metadata: { namespace, name: named(name) },
    roleRef: { apiGroup, kind, name: of },
    subjects: [subject(name)],
  })
  const decisions = rules(
    ['get', 'list', 'create', 'update', 'patch', 'delete'],
    ['approvaldecisions'],
  )
  await kubectl.apply([
    // As an administrator of the namespace does it.
    binding('may-approve', 'ClusterRole', 'frostgate-approver'),
    ...role('may-write', [
      decisions,
      rules(
        ['get', 'create', 'update', 'patch'],
        ['approvalrequests', 'approvalrequests/status', 'approvaldecisions/status'],
      ),
    ]),
    ...role('may-here', [
      decisions,
      rules(['approve'], ['snowflakeconnections'], { resourceNames: [connection] }),
    ]),
    ...role('may-elsewhere', [
      decisions,
      rules(['approve'], ['snowflakeconnections'], { resourceNames: ['acme'] }),
    ]),
  ])
  for (const name of ['open', 'over', 'short'])
    expect(
      await refusal(
        requestNamed(
          named(name),
          name === 'short' ? { expiresAt: new Date(Date.now() + 3_000).toISOString() } : {},
        ),
        [operator],
      ),
    ).toBe('')
  await kubectl.waitFor<Request>(
    'apr',
    named('open'),
    namespace,
    ({ status }) => status?.phase === 'Pending',
  )
})

afterAll(async () => {
  if (!runs) return
  for (const kind of ['apr', 'apd', 'role', 'rolebinding', 'agp', 'sfc']) {
    const all = await kubectl.list(kind, namespace)
    for (const { metadata } of all)
      if (metadata.name.startsWith(connection)) await kubectl.delete(kind, metadata.name, namespace)
  }
  await kubectl.run(['delete', 'namespace', here, '--wait=false'])
})

describe.runIf(runs)('A decision', () => {
  test('by plain kubectl is whose the API server says it is, and ends with its request', async () => {
    const known = { issuer: 'https://x', subject: 'y', aliases: ['z'] }
    const forged = { username: 'root', groups: ['dba'], ...known }
    const metadata = { annotations: { 'frostgate.dev/connection': 'acme' } }
    expect(await refusal(decision('dana', { decidedBy: forged }, metadata), dana)).toBe('')
    const made = await kubectl.get<Decision>('apd', named('dana'), namespace)
    expect(made.spec.via).toBe('Kubernetes')
    expect(made.spec.decidedBy.username).toBe('dana')
    expect(made.spec.decidedBy.groups).toEqual(
      expect.arrayContaining(['data-stewards', 'may-approve', 'system:authenticated']),
    )
    for (const field of Object.keys(known)) expect(made.spec.decidedBy).not.toHaveProperty(field)
    const { metadata: request } = await kubectl.get('apr', named('open'), namespace)
    expect(made.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual([request.uid])
    expect(made.metadata.annotations).toMatchObject({ 'frostgate.dev/connection': connection })
  })

  test.each<readonly [string, Who, object, string]>([
    ['via Oidc, by a person', dana, { via: 'Oidc', decidedBy: { username: 'x#y', issuer: 'x', subject: 'y' } }, 'Frostgate’s own'],
    ['via Slack, by a person', dana, { via: 'Slack' }, 'Frostgate’s own'],
    ['via Key', dana, { via: 'Key', signature: 'x' }, 'spec.via is Key'],
    ['via Kubernetes, by the operator', [operator], {}, 'the operator decides nothing itself'],
    ['of another statement', dana, { statementDigest: `sha256:${'b'.repeat(64)}` }, 'DigestDiffers'],
    ['of no request', dana, { requestRef: { name: 'gone' } }, 'there is no ApprovalRequest "gone"'],
    ['by somebody with the right who is no approver', ['mallory', 'may-approve'], {}, 'NotApprover'],
    ['by an approver without the right', ['frank', 'data-stewards', 'may-write'], {}, 'frank may not approve on snowflakeconnections'],
    ['by an approver without any right', ['frank', 'data-stewards'], {}, 'cannot create resource "approvaldecisions"'],
    ['by an approver with the right on another connection', ['frank', 'data-stewards', 'may-elsewhere'], {}, `may not approve on snowflakeconnections ${connection}`],
    ['about one’s own statement, by another name', ['oidc:erin', 'data-stewards', 'may-approve'], {}, 'OwnStatement'],
    ['by the pod’s ServiceAccount', [robot, 'data-stewards', 'may-approve'], {}, 'OwnStatement'],
    ['by a ServiceAccount that is not named', [`system:serviceaccount:${here}:other`, 'data-stewards', 'may-approve'], {}, 'ServiceAccountNotListed'],
    ['by somebody who has decided', dana, {}, 'DecidedBefore'],
  ])('%s is refused', async (_, who, spec, told) => {
    expect(await tried(decision('attempt', spec), who)).toContain(told)
  }) // prettier-ignore

  test('by an approver with the right on that connection is let in', async () => {
    expect(await tried(decision('attempt'), ['gina', 'data-stewards', 'may-here'])).toBe('')
  })

  test('after the time of the request is refused', async () => {
    await kubectl.waitFor<Request>(
      'apr',
      named('short'),
      namespace,
      ({ status }) => status?.phase === 'Expired',
    )
    const late = decision('late', {}, {}, named('short'))
    expect(await tried(late, dana)).toContain('RequestEnded')
  })

  test('after the end of the request is refused', async () => {
    const no = decision('no', { verdict: 'Deny', reason: 'no' }, {}, named('over'))
    expect(await refusal(no, dana)).toBe('')
    await kubectl.waitFor<Request>(
      'apr',
      named('over'),
      namespace,
      ({ status }) => status?.phase === 'Denied',
    )
    const gina: Who = ['gina', 'data-stewards', 'may-approve']
    expect(await tried(decision('late', {}, {}, named('over')), gina)).toContain('RequestEnded')
  })

  test('is of whoever is impersonated: the API server knows them by no other name', async () => {
    const may = await said(['auth', 'can-i', 'impersonate', 'users', ...asFlags(dana)])
    expect(may).not.toBe('')
    const [username] = dana
    const { spec } = await kubectl.get<Decision>('apd', named('dana'), namespace)
    expect(spec.decidedBy.username).toBe(username)
  })
})

const inThere = ['-n', namespace]
const patchOf = (
  kind: string,
  name: string,
  patch: object,
  who: Who,
  ...flags: readonly string[]
) =>
  said([
    'patch',
    kind,
    named(name),
    ...inThere,
    '--type=merge',
    '-p',
    JSON.stringify(patch),
    ...flags,
    ...asFlags(who),
  ])
const writer: Who = ['mallory', 'may-write']

describe.runIf(runs)('What is there', () => {
  test('stays as it was decided, and is taken back by whoever decided', async () => {
    expect(
      await patchOf('apd', 'dana', { spec: { verdict: 'Deny', reason: 'x' } }, writer),
    ).toContain('cannot be changed')
    const annotations = { 'frostgate.dev/connection': 'acme' }
    expect(await patchOf('apd', 'dana', { metadata: { annotations } }, writer)).toContain(
      'Annotations frostgate.dev/',
    )
    const away = (who: Who) =>
      said(['delete', 'apd', named('dana'), ...inThere, '--dry-run=server', ...asFlags(who)])
    expect(await away(writer)).toContain('is another')
    expect(await away(dana)).toBe('')
  })

  test('has a status of the operator’s alone', async () => {
    const approved = { status: { phase: 'Approved' } }
    for (const [kind, name, who] of [
      ['apr', 'open', writer],
      ['apd', 'dana', writer],
    ] as const)
      expect(await patchOf(kind, name, approved, who, '--subresource=status')).toContain(
        'operator alone',
      )
    const status = JSON.stringify(approved)
    // Administrators of the cluster neither.
    expect(
      await said([
        'patch',
        'apr',
        named('open'),
        ...inThere,
        '--subresource=status',
        '--type=merge',
        '-p',
        status,
      ]),
    ).toContain('operator alone')
  })

  test('was asked by the operator: nobody else makes or changes a request', async () => {
    for (const who of [writer, undefined])
      expect(await refusal(requestNamed(named('forged')), who)).toContain('made by Frostgate')
    const spec = { approvers: { users: ['mallory'] } }
    expect(await patchOf('apr', 'open', { spec }, writer)).toContain('cannot be changed')
  })
})

describe.runIf(runs)('Without the operator', () => {
  test('nobody decides, and the policies hold', async () => {
    const bringBack = await operatorAway(cluster)
    try {
      const gina: Who = ['gina', 'data-stewards', 'may-approve']
      expect(await tried(decision('attempt'), gina)).toContain(
        'failed calling webhook "stamp.frostgate.dev"',
      )
      expect(await refusal(requestNamed(named('forged')), writer)).toContain('made by Frostgate')
      const status = { status: { phase: 'Approved' } }
      expect(await patchOf('apr', 'open', status, writer, '--subresource=status')).toContain(
        'operator alone',
      )
    } finally {
      await bringBack()
    }
  })
})
