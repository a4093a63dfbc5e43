/**
 * Invalid objects: refused by the API server where schema or CEL can, else by the webhook, else
 * told in status; always with field, reason and remedy, and nothing else stops for them.
 */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { objectOf } from '../../crds/cases.ts'
import { connectCluster } from '../cluster.ts'
import type { KubeObject } from '../kubectl.ts'
import { refusalOf } from '../kubectl.ts'
import { ownConnection } from '../support/connections.ts'
import { installExample, keyPair, release, secret, unique } from '../support/frostgate.ts'

const cluster = connectCluster(inject('cluster'))
const { facts, kubectl } = cluster
const name = unique('bad-input')
const key = `${name}-key`
const { namespace } = release
const connectionRef = { name }

type Fields = Readonly<Record<string, unknown>>

interface Reported extends KubeObject {
  readonly status?: {
    readonly bundle?: string
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason: string
      readonly message: string
    }[]
  }
}

const metadata = { namespace, name }
const object = (kind: Parameters<typeof objectOf>[0], spec: Fields): Fields => ({
  ...objectOf(kind, spec),
  metadata,
})
const policy = (spec: Fields): Fields => ({
  ...own.policy,
  spec: { ...specOf(own.policy), ...spec },
})
const masking = (spec: Fields): Fields => ({
  ...own.masking,
  spec: { ...specOf(own.masking), ...spec },
})
const connection = (spec: Fields): Fields => ({
  ...own.connection,
  spec: { ...specOf(own.connection), ...spec },
})
const rule = (fields: Fields): Fields => ({
  rules: [{ name: 'read', action: 'Allow', statements: ['Query'], objects: ['A.B.*'], ...fields }],
})
const own = ownConnection(name, 'nowhere', {
  credential: { keyPair: { secretRef: { name: key } } },
})

function specOf(whole: object): Fields {
  return (whole as { readonly spec: Fields }).spec
}

/** Of a name that nothing has: what is there would be merged with what is refused. */
const bad = `${name}-bad`
const dryRun = (whole: object): Promise<string> =>
  refusalOf(
    kubectl.apply(
      { ...whole, metadata: { namespace, name: bad } },
      '--server-side',
      '--dry-run=server',
    ),
  )

/** What a condition says, once it is so. */
async function told(kind: string, type: string, status: string, reason?: string): Promise<string> {
  const found = await kubectl.waitFor<Reported>(
    kind,
    name,
    namespace,
    (each) => conditionOf(each, type, status, reason) !== undefined,
    { seconds: 20 },
  )
  return conditionOf(found, type, status, reason)?.message ?? ''
}

function conditionOf({ status }: Reported, type: string, state: string, reason?: string) {
  return status?.conditions?.find(
    (each) =>
      each.type === type && each.status === state && (reason ?? each.reason) === each.reason,
  )
}

const acme = (): Promise<Reported> => kubectl.get<Reported>('sfc', 'acme', namespace)

describe.runIf(facts.part === 'node' && 'path' in facts.helmFinding)('An invalid object', () => {
  beforeAll(async () => {
    await installExample(cluster)
    await kubectl.apply([
      secret(namespace, key, { privateKey: keyPair().privateKey }),
      own.connection,
      own.policy,
      own.masking,
    ])
    await told('sfc', 'Ready', 'True')
  })

  afterAll(async () => {
    for (const kind of ['mkr', 'agp', 'sfc', 'secret']) {
      await kubectl.delete(kind, kind === 'secret' ? key : name, namespace)
    }
  })

  // What schema and CEL refuse, one of each kind; all cases run against a bare API server, too.
  const refusedBySchema: readonly (readonly [string, Fields, string])[] = [
    ['SnowflakeConnection', object('SnowflakeConnection', { credential: {} }), 'spec.credential'],
    ['AgentPolicy', object('AgentPolicy', { subjects: [] }), 'spec.subjects'],
    ['MaskingRule', object('MaskingRule', { mask: {} }), 'spec.mask'],
    [
      'ApprovalRequest',
      object('ApprovalRequest', { statementDigest: 'x' }),
      'spec.statementDigest',
    ],
  ]

  // A mutating webhook comes before the schema: who decides is written in, and about what.
  test('an ApprovalDecision about no request is refused, and says how to find one', async () => {
    const said = await dryRun(object('ApprovalDecision', { verdict: 'Perhaps' }))
    expect(said).toContain('there is no ApprovalRequest')
    expect(said).toContain('kubectl get approvalrequests')
  })

  test.for(refusedBySchema)(
    '%s is refused by the API server, by field',
    async ([, invalid, field]) => {
      const said = await dryRun(invalid)
      expect(said).toContain(field)
      expect(said).not.toContain('admission webhook')
    },
  )

  const refusedByWebhook: readonly (readonly [string, Fields, string, RegExp])[] = [
    [
      'a condition that does not compile',
      policy(rule({ when: 'statement.kind ==' })),
      'spec.rules[0].when',
      /line \d+, column \d+/,
    ],
    [
      'a pattern with an empty part',
      policy(rule({ objects: ['HEALTH..PATIENTS'] })),
      'spec.rules[0].objects[0]',
      /a name is missing before .*A name is letters/,
    ],
    [
      'an identity provider that the connection has not',
      policy({ subjects: [{ provider: 'cluser', groups: ['a'] }] }),
      'spec.subjects[0].provider',
      /Did you mean cluster\?/,
    ],
    [
      'a column of two parts',
      masking({ columns: ['PATIENTS.SSN'] }),
      'spec.columns[0]',
      /Write DATABASE\.SCHEMA\.NAME\.COLUMN/,
    ],
    [
      'a mask that keeps more than it hides',
      masking({ mask: { partial: { keepFirst: 8, keepLast: 8 } } }),
      'spec.mask.partial',
      /from 1 to 8/,
    ],
    [
      'a regular expression that is none',
      masking({ mask: { regex: { pattern: '(', replacement: 'x' } } }),
      'spec.mask.regex.pattern',
      /character \d+/,
    ],
  ]

  test.for(refusedByWebhook)(
    'with %s is refused by the webhook: object, field, reason, remedy',
    async ([, invalid, field, why]) => {
      const said = await dryRun(invalid)
      expect(said).toContain('validate.frostgate.dev')
      expect(said).toContain(`${namespace}/${bad} ${field}`)
      expect(said).toMatch(why)
    },
  )

  test('is told of on the connection where a Secret went away, and is well once it is back', async () => {
    await kubectl.delete('secret', key, namespace)
    const said = await told('sfc', 'Ready', 'False')
    expect(said).toContain('spec.credential.keyPair')
    expect(said).toContain(key)
    await kubectl.apply(secret(namespace, key, { privateKey: 'not a key' }))
    expect(await told('sfc', 'Ready', 'False')).toMatch(/\. \S.*\.$/)
    await kubectl.apply(secret(namespace, key, { privateKey: keyPair().privateKey }))
    await told('sfc', 'Ready', 'True')
  })

  test('that refers to nothing is stored with a warning, and its status says what there is', async () => {
    const lost = { ...masking({ connectionRef: { name: 'acmee' } }) }
    await kubectl.delete('mkr', name, namespace)
    await kubectl.apply(lost)
    const said = await told('mkr', 'Accepted', 'False', 'TargetNotFound')
    expect(said).toContain('spec.connectionRef.name')
    expect(said).toContain('Did you mean acme?')
    await kubectl.delete('mkr', name, namespace)
    await kubectl.apply(masking({ connectionRef }))
    await told('mkr', 'Accepted', 'True')
  })

  test('that was stored before the webhook was asked closes its connection, and no other', async () => {
    const before = await acme()
    const name2 = `${name}-later`
    // Applied before its connection, so that nobody can say yet which providers there are.
    const early = {
      ...policy({
        connectionRef: { name: name2 },
        subjects: [{ provider: 'unheard-of', groups: ['a'] }],
      }),
      metadata: { namespace, name: name2 },
    }
    await kubectl.apply(early)
    await kubectl.apply({ ...connection({}), metadata: { namespace, name: name2 } })
    const ready = (each: Reported): boolean =>
      conditionOf(each, 'Ready', 'False')?.message.includes('spec.subjects[0].provider') === true
    try {
      await kubectl.waitFor<Reported>('agp', name2, namespace, ready, { seconds: 20 })
      const closed = await kubectl.waitFor<Reported>(
        'sfc',
        name2,
        namespace,
        (each) => conditionOf(each, 'Ready', 'False') !== undefined,
      )
      expect(conditionOf(closed, 'Ready', 'False')?.message).toContain(
        `AgentPolicy ${namespace}/${name2}`,
      )
      const after = await acme()
      expect(conditionOf(after, 'Ready', 'True')).toEqual(conditionOf(before, 'Ready', 'True'))
      await told('sfc', 'Ready', 'True')
    } finally {
      await kubectl.delete('agp', name2, namespace)
      await kubectl.delete('sfc', name2, namespace)
    }
  })
})
