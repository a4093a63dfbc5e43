import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Condition } from '../../../crds/types.ts'
import { validateObject } from '../../../crds/validation.ts'
import { compileAll } from '../../../operator/compile/compile-all.ts'
import type { Status } from '../../../operator/controllers/conditions.ts'
import type { SidecarCounts } from '../../../operator/controllers/connection-status.ts'
import { statuses } from '../../../operator/controllers/statuses.ts'
import { connection, maskingRule, policy, secret, snapshotOf } from '../compile/objects.ts'

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const key = secret('acme-key', { privateKey })
const well = [connection('acme'), policy('agents', 'acme'), maskingRule('ssn', 'acme'), key]
const start = new Date('2030-01-01T00:00:00.123Z')
const later = new Date('2030-01-02T00:00:00Z')

interface Given {
  readonly sidecars?: SidecarCounts
  readonly previous?: ReadonlyMap<string, Status>
  readonly now?: Date
  readonly connectionNamespaces?: readonly string[]
}

function statusesOf(objects: readonly object[], given: Given = {}): ReadonlyMap<string, Status> {
  const snapshot = snapshotOf(...objects)
  const { connectionNamespaces } = given
  const compiled = compileAll(
    snapshot,
    connectionNamespaces === undefined ? {} : { connectionNamespaces },
  )
  const sidecars = new Map(
    given.sidecars === undefined ? [] : [['frostgate/acme', given.sidecars] as const],
  )
  const all = statuses(
    snapshot,
    compiled,
    sidecars,
    given.previous ?? new Map(),
    given.now ?? start,
  )
  return new Map(Array.from(all, ([name, { status }]) => [name, status]))
}

function conditionsOf(status: Status | undefined): readonly Condition[] {
  return (status?.['conditions'] ?? []) as readonly Condition[]
}

/** `Ready=True Open`, one line for each condition. */
function told(status: Status | undefined): readonly string[] {
  return conditionsOf(status).map(({ type, status: value, reason }) => `${type}=${value} ${reason}`)
}

function messageOf(status: Status | undefined, type = 'Ready'): string {
  return conditionsOf(status).find((condition) => condition.type === type)?.message ?? ''
}

const [sfc, agp, mkr] = [
  'SnowflakeConnection frostgate/acme',
  'AgentPolicy frostgate/agents',
  'MaskingRule frostgate/ssn',
]

describe('When all is well', () => {
  const all = statusesOf(well, { sidecars: { connected: 2, inSync: 2 } })

  test('the connection is open, and says by which bundle and for how many sidecars', () => {
    expect(told(all.get(sfc))).toEqual(['Ready=True Open'])
    expect(all.get(sfc)).toMatchObject({
      observedGeneration: 1,
      auth: 'keyPair',
      bundle: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as unknown,
      sidecars: { connected: 2, inSync: 2 },
    })
  })

  test('policies and masking rules are accepted and enforced', () => {
    const conditions = [
      'Accepted=True Accepted',
      'Ready=True Programmed',
      'Programmed=True Programmed',
    ]
    expect(told(all.get(agp))).toEqual(conditions)
    expect(told(all.get(mkr))).toEqual(conditions)
  })

  test('each condition says which generation it is about, and since when', () => {
    for (const status of all.values()) {
      for (const condition of conditionsOf(status)) {
        expect(condition).toMatchObject({
          observedGeneration: 1,
          lastTransitionTime: '2030-01-01T00:00:00Z',
        })
      }
    }
  })

  test('an object without a generation claims none', () => {
    const [file] = [{ ...well[0], metadata: { name: 'acme', namespace: 'frostgate' } }]
    const status = statusesOf([file, key]).get(sfc)
    expect(Object.keys(status ?? {})).not.toContain('observedGeneration')
  })
})

describe('What is wrong is told at the object, with field, reason and remedy, and at its target', () => {
  test.each([
    [
      'a policy that does not compile',
      [
        ...well.slice(0, 1),
        policy('agents', 'acme', { subjects: [{ provider: 'octa', groups: ['x'] }] }),
        ...well.slice(2),
      ],
      agp,
      [
        'Ready=False Invalid',
        'Accepted=False Invalid',
        'Programmed=False Invalid',
        'Stalled=True Invalid',
      ],
      'spec.subjects[0].provider: "octa" is not an identity provider of the connection. Did you mean okta? SnowflakeConnection frostgate/acme is closed until then.',
      ['Ready=False CompileFailed', 'Stalled=True CompileFailed'],
      'Closed by AgentPolicy frostgate/agents, which cannot be compiled. AgentPolicy frostgate/agents spec.subjects[0].provider: "octa" is not',
    ],
    [
      'a malformed masking rule',
      [...well.slice(0, 2), maskingRule('ssn', 'acme', { mask: {} }), key],
      mkr,
      [
        'Ready=False Invalid',
        'Accepted=False Invalid',
        'Programmed=False Invalid',
        'Stalled=True Invalid',
      ],
      'spec.mask: give exactly one of redact,',
      ['Ready=False CompileFailed', 'Stalled=True CompileFailed'],
      'Closed by MaskingRule frostgate/ssn, which cannot be compiled.',
    ],
    [
      'a key of a mask that is not there',
      [
        ...well.slice(0, 2),
        maskingRule('ssn', 'acme', {
          mask: { hash: { key: { secretRef: { name: 'k' }, inStatements: 'Allow' } } },
        }),
        key,
      ],
      mkr,
      [
        'Ready=False InvalidMaskKey',
        'Accepted=False InvalidMaskKey',
        'Programmed=False InvalidMaskKey',
        'Stalled=True InvalidMaskKey',
      ],
      'spec.mask.hash.key.secretRef.name: there is no Secret "k" in namespace "frostgate". Add it,',
      ['Ready=False InvalidMaskKey', 'Stalled=True InvalidMaskKey'],
      'MaskingRule frostgate/ssn spec.mask.hash.key.secretRef.name: there is no Secret "k"',
    ],
  ])('%s', (_, objects, name, conditions, message, target, targetMessage) => {
    const all = statusesOf(objects)
    expect(told(all.get(name))).toEqual(conditions)
    expect(messageOf(all.get(name))).toContain(message)
    expect(told(all.get(sfc))).toEqual(target)
    expect(messageOf(all.get(sfc))).toContain(targetMessage)
  })

  test('a policy whose connection is not there', () => {
    const status = statusesOf([...well, policy('lost', 'acne')]).get('AgentPolicy frostgate/lost')
    expect(told(status)[0]).toBe('Ready=False TargetNotFound')
    expect(messageOf(status)).toBe(
      'spec.connectionRef.name: there is no SnowflakeConnection "acne" in namespace "frostgate". Did you mean acme?',
    )
  })

  test('another object of a connection that is closed, which is not at fault', () => {
    const status = statusesOf([...well, maskingRule('bad', 'acme', { mask: {} })]).get(agp)
    expect(told(status)).toEqual([
      'Accepted=True Accepted',
      'Ready=False TargetClosed',
      'Programmed=False TargetClosed',
      'Stalled=True TargetClosed',
    ])
    expect(messageOf(status)).toBe(
      'SnowflakeConnection frostgate/acme is closed. Closed by MaskingRule frostgate/bad, which cannot be compiled.',
    )
  })

  test('objects of a namespace that is not served', () => {
    const all = statusesOf(well, { connectionNamespaces: ['team-a'] })
    for (const name of [sfc, agp, mkr]) {
      expect(told(all.get(name))[0]).toBe('Ready=False NamespaceNotServed')
      expect(messageOf(all.get(name))).toContain('they are in: team-a')
    }
  })

  test('a malformed connection', () => {
    const all = statusesOf([connection('acme', { user: 7 }), ...well.slice(1)])
    expect(told(all.get(sfc))).toEqual(['Ready=False Invalid', 'Stalled=True Invalid'])
    expect(messageOf(all.get(sfc))).toContain('spec.user: is a number')
    expect(told(all.get(agp))[0]).toBe('Ready=False TargetNotFound')
    expect(messageOf(all.get(agp))).toContain('SnowflakeConnection frostgate/acme is not valid')
  })
})

describe('A credential that is of no use', () => {
  const openWith = (...secrets: readonly object[]) =>
    statusesOf([...well.slice(0, 3), ...secrets]).get(sfc)

  test.each([
    ['is missing', [], 'there is no Secret "acme-key" in namespace "frostgate"'],
    ['is no key', [secret('acme-key', { privateKey: 'hunter2' })], 'is not a private key in PEM'],
  ])('closes its connection if it %s', (_, secrets, message) => {
    const status = openWith(...secrets)
    expect(told(status)).toEqual([
      'Ready=False InvalidCredential',
      'Stalled=True InvalidCredential',
    ])
    expect(messageOf(status)).toContain(message)
    expect(JSON.stringify(status)).not.toContain('hunter2')
  })

  test('is a token of white space, which is not shown', () => {
    const credential = { programmaticAccessToken: { secretRef: { name: 'pat' } } }
    const of = (token: string) =>
      statusesOf([connection('acme', { credential }), secret('pat', { token })]).get(sfc)
    expect(messageOf(of('two words of it'))).toContain('does not have the form of an access token')
    expect(JSON.stringify(of('two words of it'))).not.toContain('two words')
    expect(told(of(`${'x'.repeat(40)}\n`))).toEqual(['Ready=True Open'])
  })

  test('is none where the operator mints it', () => {
    const status = statusesOf([connection('acme', { credential: { workloadIdentity: {} } })]).get(
      sfc,
    )
    expect(told(status)).toEqual(['Ready=True Open'])
    expect(status).toMatchObject({ auth: 'workloadIdentity' })
  })
})

describe('A bundle that a sidecar could not take', () => {
  const sidecars = {
    connected: 3,
    inSync: 2,
    refused: 1,
    lastError: {
      message: 'pod ci/runner refused it: no such method',
      time: '2030-01-01T00:00:00Z',
    },
  }

  test('is no open connection, and no enforced policy, whatever was enforced before', () => {
    const previous = statusesOf(well)
    const all = statusesOf(well, { sidecars, previous })
    expect(told(all.get(sfc))).toEqual(['Ready=False BundleRefused', 'Stalled=True BundleRefused'])
    for (const name of [agp, mkr]) {
      expect(told(all.get(name))).toEqual([
        'Accepted=True Accepted',
        'Ready=False BundleRefused',
        'Programmed=False BundleRefused',
        'Stalled=True BundleRefused',
      ])
      expect(messageOf(all.get(name))).toBe(
        '1 of 3 sidecars could not take the latest bundle. They enforce the one before until it is older than maxStale, and then let nothing through. The last: pod ci/runner refused it: no such method. If they are of an older version, restart their pods.',
      )
    }
  })

  test('is over when no sidecar that is there has refused it', () => {
    const all = statusesOf(well, { sidecars: { ...sidecars, connected: 2, refused: 0 } })
    expect(told(all.get(sfc))).toEqual(['Ready=True Open'])
    expect(told(all.get(agp))).toContain('Programmed=True Programmed')
  })
})

test('Without a sidecar, a policy does not claim to be enforced by one', () => {
  expect(messageOf(statusesOf(well).get(agp))).toBe(
    'No sidecar of its connection is running; those that start enforce it.',
  )
  const some = statusesOf(well, { sidecars: { connected: 1, inSync: 1 } })
  expect(messageOf(some.get(agp))).toContain('Enforced by the sidecars')
})

describe('Until all sidecars have the bundle', () => {
  const rolling = { connected: 3, inSync: 1 }

  test('a new policy is on its way, and the connection is open', () => {
    const all = statusesOf(well, { sidecars: rolling })
    expect(told(all.get(agp))).toEqual([
      'Accepted=True Accepted',
      'Ready=Unknown Pending',
      'Programmed=False Pending',
      'Reconciling=True RollingOut',
    ])
    expect(told(all.get(sfc))).toEqual(['Ready=True Open', 'Reconciling=True RollingOut'])
  })

  test('a policy that they had before stays enforced, and a new generation of it is on its way', () => {
    const previous = statusesOf(well)
    const changed = policy('agents', 'acme', { mode: 'Observe' }, { generation: 2 })
    const all = statusesOf([well[0] ?? {}, changed, ...well.slice(2)], {
      previous,
      sidecars: rolling,
    })
    expect(told(all.get(mkr))).toContain('Programmed=True Programmed')
    expect(told(all.get(agp))).toContain('Programmed=False Pending')
  })

  test('what a sidecar reported last is shown', () => {
    const lastError = {
      message: 'MaskingRule frostgate/ssn matches no column',
      time: '2030-01-01T00:00:00Z',
    }
    const status = statusesOf(well, { sidecars: { ...rolling, lastError } }).get(sfc)
    expect(status).toMatchObject({ lastError })
  })
})

describe('The time of a condition', () => {
  const timeOf = (status: Status | undefined) => conditionsOf(status)[0]?.lastTransitionTime
  const previous = statusesOf(well)

  test('stays while its status does', () => {
    expect(timeOf(statusesOf(well, { previous, now: later }).get(sfc))).toBe('2030-01-01T00:00:00Z')
  })

  test('is that of the change', () => {
    const closed = statusesOf(well.slice(0, 3), { previous, now: later })
    expect(timeOf(closed.get(sfc))).toBe('2030-01-02T00:00:00Z')
  })

  test('of an object that nobody has seen before is now', () => {
    const [waiting] = [{ type: 'Ready', status: 'True', reason: 'Pending', message: 'm' }]
    const conditions = [{ ...waiting, lastTransitionTime: '1970-01-01T00:00:00Z' }]
    const all = statusesOf([{ ...well[0], status: { conditions } }, ...well.slice(1)])
    expect(timeOf(all.get(sfc))).toBe('2030-01-01T00:00:00Z')
  })

  test('is read from the object where this program has written none', () => {
    const stored = { ...well[0], status: previous.get(sfc) }
    const all = statusesOf([stored, ...well.slice(1)], { now: later })
    expect(timeOf(all.get(sfc))).toBe('2030-01-01T00:00:00Z')
  })
})

test('Every status fits its schema', () => {
  const given = {
    sidecars: {
      connected: 3,
      inSync: 1,
      lastError: { message: 'm', time: '2030-01-01T00:00:00Z' },
    },
  }
  const folders = [well, well.slice(0, 3), [...well, policy('lost', 'acne')]]
  for (const objects of folders) {
    const all = statusesOf(objects, given)
    for (const object of objects.filter((each) => 'spec' in each) as typeof well) {
      const kind = object.kind as 'AgentPolicy'
      const status = all.get(`${kind} frostgate/${object.metadata.name}`)
      expect(status).toBeDefined()
      expect(validateObject(kind, { ...structuredClone(object), status })).toEqual([])
    }
  }
})

test('A message stays within what the schema takes', () => {
  const subjects = Array.from({ length: 60 }, () => ({ provider: 'x'.repeat(60), groups: ['y'] }))
  const many = Array.from({ length: 40 }, (_, index) => policy(`p${index}`, 'acme', { subjects }))
  const message = messageOf(statusesOf([...well, ...many]).get(sfc))
  expect(message).toContain('And ')
  expect(message.length).toBeLessThanOrEqual(4096)
})
