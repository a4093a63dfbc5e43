/** `frostgate pending`, `approve` and `deny` over HTTP, asking a server that answers as a cluster. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { cli } from '../in-process.ts'
import { digest, fakeCluster, name, request, type FakeCluster } from './support.ts'

let cluster: FakeCluster
let access: readonly string[]

beforeEach(async () => {
  cluster = await fakeCluster()
  access = ['--kubeconfig', cluster.kubeconfig]
})

afterEach(async () => {
  await cluster.close()
})

describe('frostgate pending', () => {
  it('lists what waits, and only that, the longest waiting first', async () => {
    const past = new Date(Date.now() - 1_000).toISOString()
    const older = request({}, undefined, 'aaaaaaaaaaaaaaaa')
    cluster.requests = [
      request(),
      { ...older, metadata: { ...older.metadata, creationTimestamp: '2026-01-01T00:00:00Z' } },
      request({}, { phase: 'Denied' }, 'dddddddddddddddd'),
      request({ expiresAt: past }, undefined, 'eeeeeeeeeeeeeeee'),
    ]
    const { code, stdout } = await cli(['pending', ...access])
    expect(code).toBe(0)
    const [head, first, second] = stdout.split('\n')
    expect(head).toMatch(
      /^NAME +APPROVALS +WAITING +EXPIRES IN +DELIVERY +PRINCIPAL +RULE +OBJECTS$/,
    )
    expect(first).toMatch(/^aaaaaaaaaaaaaaaa /)
    expect(second).toMatch(
      /^6f1c0e2a9b7d4c53 {2}0\/2 +2 min +9 min +Wait +agent-7 +ai-agents\/phi-needs-a-steward +HEALTH\.PHI\.PATIENTS \+1$/,
    )
    expect(stdout).not.toMatch(/^(dddd|eeee)/m)
    expect(stdout).toContain('In the cluster of the current context')
  })

  it('says where nothing waits, and prints JSON', async () => {
    expect((await cli(['pending', ...access])).stdout).toMatch(
      /^Nothing waits for approval in the cluster/,
    )
    cluster.requests = [request()]
    const { stdout } = await cli(['pending', ...access, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ requests: [{ metadata: { name } }] })
  })

  it('shows everything about one', async () => {
    cluster.requests = [request()]
    const { code, stdout } = await cli(['pending', name, ...access])
    expect(code).toBe(0)
    for (const part of [
      /^PENDING {2}6f1c0e2a9b7d4c53 {2}0 of 2 approvals, expires in 9 min/m,
      /^who {8}cluster:agent-7, run run-42\n {11}issuer https:\/\/idp\.example\n {11}groups: ai-agents/m,
      /pod ci\/runner-0 \(f00d\), service account runner/,
      /^wants {6}UNCHECKED: .*\n {11}│ The patient has moved\.$/m,
      / {3}1 │ UPDATE HEALTH\.PHI\.PATIENTS\n {3}2 │ SET CITY = \?\n {3}3 │ WHERE ID = \$pid\n {3}4 │ {3}AND CITY <> 'Bern'/,
      /^binds {6}:1 TEXT = "Zürich"$/m,
      /^variables {2}\$PID = 42$/m,
      /^objects {4}DML {4}HEALTH\.PHI\.PATIENTS {2}last altered/m,
      /^changes {4}DML of HEALTH\.PHI\.PATIENTS$/m,
      /^masked {5}HEALTH\.PHI\.PATIENTS\.SSN\n {11}They leave masked, whoever approves/m,
      /^asked by {3}rule phi-needs-a-steward of AgentPolicy ai-agents$/m,
      /^approvers {2}2 of group data-stewards$/m,
      /^decided {4}by nobody yet$/m,
    ])
      expect(stdout).toMatch(part)
    expect(stdout).toContain(`\ndigest     ${digest}\n`)
    expect(stdout).not.toMatch(/^differs/m)
  })

  it('tells what differs from the last approved of its kind', async () => {
    const before = { statement: "UPDATE HEALTH.PHI.PATIENTS SET CITY = ? WHERE ID = 7 AND CITY <> 'Bern'" } // prettier-ignore
    const approved = (at: string) => ({
      phase: 'Used' as const,
      approvedAt: at,
      decisions: [{ name: 'd', username: 'ann', verdict: 'Approve' as const, time: at }],
    })
    cluster.requests = [
      request(),
      request({ ...before, maskedColumns: ['A.B.C.D'] }, approved('2026-11-02T00:00:00Z'), 'bbbb'),
      request({}, approved('2026-11-01T00:00:00Z'), 'older'),
      request({ principal: { provider: 'cluster', issuer: 'https://idp.example', subject: 'x' } }, approved('2026-11-03T00:00:00Z'), 'foreign'), // prettier-ignore
      request(
        { principal: { provider: 'cluster', issuer: 'https://else.example', subject: 'agent-7' } },
        approved('2026-11-03T00:00:00Z'),
        'elsewhere',
      ),
      request(
        { rules: [{ policy: 'ai-agents', rule: 'other' }] },
        approved('2026-11-03T00:00:00Z'),
        'other-rule',
      ),
      request({}, { ...approved('2026-11-04T00:00:00Z'), phase: 'Denied' }, 'denied'),
    ]
    const { stdout } = await cli(['pending', name, ...access])
    expect(stdout).toMatch(
      /^differs {4}from bbbb, the last of its kind, approved by ann at\n {11}2026-11-02/m,
    )
    expect(stdout).toContain('masked then, and not among the masked now: A.B.C.D')
    expect(stdout).toMatch(/^ {11}- WHERE ID = 7\n {11}\+ WHERE ID = \$pid$/m)
  })

  it('never shows a part of a long statement as all of it', async () => {
    const columns = Array.from({ length: 900 }, (_, index) => `COLUMN_NUMBER_${index}`)
    cluster.requests = [request({ statement: `SELECT ${columns.join(', ')} FROM A.B.C` })]
    const short = (await cli(['pending', name, ...access])).stdout
    expect(short).toMatch(/… \d+ more are NOT shown here; all of them with --full/)
    expect(short).not.toContain('COLUMN_NUMBER_899')
    const full = (await cli(['pending', name, ...access, '--full'])).stdout
    for (const column of columns) expect(full).toContain(column)
    expect(full).not.toContain('NOT shown')
  })

  it.each([
    [403, 'approvalrequests.frostgate.dev is forbidden: User "x" cannot list', /verbs get and list on approvalrequests\.frostgate\.dev/],
    [404, 'the server could not find the requested resource', /does not know Frostgate’s kinds/],
    [500, 'etcd\u001b[2J is tired', /cannot be asked: .*etcd\\u\{1b\}\[2J is tired/],
  ])('explains a cluster that answers %i', async (code, message, sentence) => {
    cluster.unreadable = { code, message }
    for (const words of [['pending'], ['pending', name]]) {
      const outcome = await cli([...words, ...access])
      expect(outcome.code).toBe(2)
      expect(outcome.stderr).toMatch(sentence)
    }
  }) // prettier-ignore

  it('says that there is none of that name', async () => {
    const { code, stderr } = await cli(['pending', 'nobody', ...access])
    expect(code).toBe(2)
    expect(stderr).toContain('There is no request "nobody"')
  })

  it('takes a folder or a cluster, not both', async () => {
    const { code, stderr } = await cli(['pending', ...access, '--approvals', 'x'])
    expect(code).toBe(2)
    expect(stderr).toContain('name one of them')
  })
})

describe('frostgate approve and deny', () => {
  const becomes = (status: NonNullable<ReturnType<typeof request>['status']>) => {
    cluster.judge = (self) => {
      self.requests = [request({}, status)]
      return { status: 'True', message: 'It counts.' }
    }
  }

  it('posts the digest that was shown, and nothing about who decides', async () => {
    cluster.requests = [request()]
    becomes({ phase: 'Pending', approvals: 1 })
    const { code, stdout } = await cli(['approve', name, ...access, '--yes', '--reason', 'ok'])
    expect(cluster.posted).toEqual([
      {
        apiVersion: 'frostgate.dev/v1alpha1',
        kind: 'ApprovalDecision',
        metadata: { generateName: `${name}-`, namespace: 'frostgate' },
        spec: { requestRef: { name }, statementDigest: digest, verdict: 'Approve', reason: 'ok' },
      },
    ])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /Approved: the decision \S+ counts\.\nIt waits: 1 more approval is needed/,
    )
  })

  it('tells that the statement was let through', async () => {
    cluster.requests = [request()]
    becomes({ phase: 'Used', approvals: 2, uses: [{ id: 'u1', time: '2026-11-22T10:00:00Z' }] })
    const { stdout } = await cli(['approve', name, ...access, '--yes'])
    expect(stdout).toContain('The statement was let through at 2026-11-22T10:00:00Z (use u1).')
  })

  it('denies with a reason, and not without', async () => {
    cluster.requests = [request()]
    becomes({ phase: 'Denied' })
    const without = await cli(['deny', name, ...access, '--yes'])
    expect(without.code).toBe(2)
    expect(cluster.posted).toEqual([])
    const { code, stdout } = await cli(['deny', name, ...access, '--yes', '--reason', 'no'])
    expect(code).toBe(0)
    expect(stdout).toContain('It is denied: the statement does not run')
    expect(cluster.posted).toMatchObject([{ spec: { verdict: 'Deny', reason: 'no' } }])
  })

  it('tells why a decision does not count, with exit code 1', async () => {
    cluster.requests = [request()]
    cluster.judge = () => ({ status: 'False', message: 'ann is\u202e no approver.' })
    const { code, stdout } = await cli(['approve', name, ...access, '--yes'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/does not count: ann is\\u\{202e\} no approver\./)
  })

  it('asks nobody where nobody is, and decides nothing', async () => {
    cluster.requests = [request()]
    const { code, stderr } = await cli(['approve', name, ...access])
    expect(code).toBe(2)
    expect(stderr).toContain('Add --yes')
    expect(cluster.posted).toEqual([])
  })

  it.each([
    ['another digest', {}, ['--digest', `sha256:${'0'.repeat(64)}`], 1, 'which you reviewed'],
    ['a digest that is none', {}, ['--digest', 'abc'], 2, '64 hexadecimal digits'],
    ['an empty reason', {}, ['--reason', ' '], 2, 'says nothing'],
    ['an ended one', { status: { phase: 'Withdrawn' } }, [], 1, 'It was withdrawn'],
    ['an expired one', { expiresAt: '2026-01-01T00:00:00Z' }, [], 1, 'expired'],
  ] as const)('refuses %s', async (_what, of, words, exit, sentence) => {
    const status = 'status' in of ? of.status : undefined
    cluster.requests = [request('status' in of ? {} : of, status)]
    const { code, stderr } = await cli(['approve', name, ...access, '--yes', ...words])
    expect(code).toBe(exit)
    expect(stderr).toContain(sentence)
    expect(cluster.posted).toEqual([])
  })

  it.each([
    [
      'approvaldecisions.frostgate.dev is forbidden: User "ann" cannot create resource "approvaldecisions"',
      /You are ann there, who may not make decisions in namespace frostgate\. Whoever gives rights .* verb create on approvaldecisions\.frostgate\.dev there, and the verb approve on snowflakeconnections\.frostgate\.dev "acme"/,
    ],
    [
      "approvaldecisions.frostgate.dev \"x\" is forbidden: ValidatingAdmissionPolicy 'frostgate-decide' with binding 'b' denied request: you may not approve",
      /refused: you may not approve\. .*verb approve on snowflakeconnections\.frostgate\.dev "acme" in namespace frostgate/,
    ],
    [
      'admission webhook "decide.frostgate.dev" denied the request: the digest is another.',
      /refused: the digest is another\. To decide/,
    ],
  ])('says who must grant what: %s', async (message, sentence) => {
    cluster.requests = [request()]
    cluster.refuse = { code: 403, reason: 'Forbidden', message }
    const { code, stderr } = await cli(['approve', name, ...access, '--yes'])
    expect(code).toBe(1)
    expect(stderr).toMatch(sentence)
  })
})
