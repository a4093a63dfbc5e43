import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Compiled } from '../../../operator/compile/compile-all.ts'
import { compileAll } from '../../../operator/compile/compile-all.ts'
import { formatProblem } from '../../../operator/store/problem.ts'
import { connection, maskingRule, policy, secret, snapshotOf } from './objects.ts'

const acme = [connection('acme'), policy('acme-agents', 'acme'), maskingRule('acme-ssn', 'acme')]
const other = [connection('other'), policy('other-agents', 'other'), maskingRule('o-ssn', 'other')]

/** Digest by connection, or why it is closed. */
function states({ connections }: Compiled) {
  return Object.fromEntries(
    Array.from(connections, ([key, { state }]) => [
      key,
      'bundle' in state ? state.bundle.digest : state.closed,
    ]),
  )
}

const both = compileAll(snapshotOf(...acme, ...other))
const digests = states(both)

describe('Connections are compiled each by itself', () => {
  test('with the policies and masking rules that refer to it', () => {
    const { state, problems, warnings } = both.connections.get('frostgate/acme') ?? {}
    if (state === undefined || !('bundle' in state)) throw new Error('closed')
    expect(state.bundle.policies.map(({ name }) => name)).toEqual(['acme-agents'])
    expect(state.bundle.masks.map(({ name }) => name)).toEqual(['acme-ssn'])
    expect([problems, warnings]).toEqual([[], []])
  })

  test('so that one that does not compile closes its own, and says which object it is', () => {
    const broken = compileAll(
      snapshotOf(
        ...acme,
        policy('typo', 'acme', { subjects: [{ provider: 'octa', groups: ['x'] }] }),
        ...other,
      ),
    )
    expect(states(broken)).toEqual({
      ...digests,
      'frostgate/acme': 'Closed by AgentPolicy frostgate/typo, which cannot be compiled.',
    })
    const { problems = [] } = broken.connections.get('frostgate/acme') ?? {}
    expect(problems.map(formatProblem)).toEqual([
      'AgentPolicy frostgate/typo spec.subjects[0].provider: "octa" is not an identity provider of the connection. Did you mean okta?',
    ])
  })

  test('so that a malformed object closes the connection that it names', () => {
    const broken = compileAll(
      snapshotOf(...acme, maskingRule('bad', 'acme', { mask: {} }), ...other),
    )
    expect(states(broken)).toEqual({
      ...digests,
      'frostgate/acme': 'Closed by MaskingRule frostgate/bad, which cannot be compiled.',
    })
  })

  test('so that a malformed connection leaves its policies without a target', () => {
    const broken = compileAll(
      snapshotOf(connection('acme', { user: 7 }), ...acme.slice(1), ...other),
    )
    expect(states(broken)).toEqual({ 'frostgate/other': digests['frostgate/other'] })
    expect(broken.problems.map(formatProblem)).toEqual([
      'AgentPolicy frostgate/acme-agents spec.connectionRef.name: SnowflakeConnection frostgate/acme is not valid. Correct that object first.',
      'MaskingRule frostgate/acme-ssn spec.connectionRef.name: SnowflakeConnection frostgate/acme is not valid. Correct that object first.',
      'SnowflakeConnection frostgate/acme spec.user: is a number, but must be a string. Put it in quotes.',
    ])
  })

  test('so that what refers to nothing is told, and closes nothing', () => {
    const { connections, problems } = compileAll(snapshotOf(...acme, policy('lost', 'acne')))
    expect(connections.get('frostgate/acme')?.problems).toEqual([])
    expect(problems.map(formatProblem)).toEqual([
      'AgentPolicy frostgate/lost spec.connectionRef.name: there is no SnowflakeConnection "acne" in namespace "frostgate". Did you mean acme?',
    ])
  })

  test('and one object of two with the same name counts as neither', () => {
    const twice = compileAll(
      snapshotOf(...acme, policy('acme-agents', 'acme', { mode: 'Observe' }), ...other),
    )
    expect(states(twice)).toEqual({
      ...digests,
      'frostgate/acme': 'Closed by AgentPolicy frostgate/acme-agents, which cannot be compiled.',
    })
  })
})

describe('A connection', () => {
  test('outside of the namespaces that are served is closed, whatever it says', () => {
    const elsewhere = connection('acme', {}, { namespace: 'team-a' })
    const { connections } = compileAll(snapshotOf(elsewhere, ...other), {
      connectionNamespaces: ['frostgate'],
    })
    expect(connections.get('team-a/acme')?.state).toEqual({
      closed: 'Connections of namespace "team-a" are not served; they are in: frostgate.',
      reason: 'NamespaceNotServed',
    })
    expect(connections.get('frostgate/other')?.state).toHaveProperty('bundle')
  })

  test('without any policy is warned of: nobody can log in', () => {
    const { connections } = compileAll(snapshotOf(connection('acme')))
    const { warnings = [], problems } = connections.get('frostgate/acme') ?? {}
    expect(problems).toEqual([])
    expect(warnings.map(formatProblem)).toEqual([
      'SnowflakeConnection frostgate/acme spec: no AgentPolicy refers to this connection, so every login is refused. Add an AgentPolicy whose connectionRef names it.',
    ])
  })
})

describe('While things are being deleted', () => {
  const closedState = (compiled: Compiled, key: string) => {
    const state = compiled.connections.get(key)?.state
    return state !== undefined && 'closed' in state ? `${state.reason}: ${state.closed}` : 'open'
  }

  test('a namespace closes its connections at once, though their masking rules are gone before their policies', () => {
    const { maskingRules, ...rest } = snapshotOf(...acme, ...other).objects
    expect(maskingRules).toHaveLength(2)
    const snapshot = { ...snapshotOf(), objects: { ...rest, maskingRules: [] } }
    const now = compileAll({ ...snapshot, terminating: new Set(['frostgate']) }, { previous: both })
    for (const key of ['frostgate/acme', 'frostgate/other'])
      expect(closedState(now, key)).toBe(
        'NamespaceTerminating: Namespace "frostgate" is being deleted, and its masking rules may go before its policies do.',
      )
    const elsewhere = { ...snapshot, terminating: new Set(['ci']) }
    expect(closedState(compileAll(elsewhere), 'frostgate/acme')).toBe('open')
  })

  test('a connection is closed, also if it was compiled before and something holds it', () => {
    const deleted = connection('acme', {}, { deletionTimestamp: '2030-01-01T00:00:00Z' })
    const now = compileAll(snapshotOf(deleted, ...acme.slice(1), ...other), { previous: both })
    expect(closedState(now, 'frostgate/acme')).toContain('Terminating: SnowflakeConnection')
    expect(closedState(now, 'frostgate/other')).toBe('open')
  })

  test('a masking rule and a policy count until they are gone', () => {
    const metadata = { deletionTimestamp: '2030-01-01T00:00:00Z' }
    const rule = maskingRule('acme-ssn', 'acme')
    const held = [
      connection('acme'),
      policy('acme-agents', 'acme', {}, metadata),
      { ...rule, metadata: { ...rule.metadata, ...metadata } },
    ]
    expect(states(compileAll(snapshotOf(...held)))['frostgate/acme']).toBe(
      digests['frostgate/acme'],
    )
  })
})

describe('A fault of the compiler', () => {
  const faulty = () => {
    const changed = policy('acme-agents', 'acme', {}, { generation: 2 })
    const snapshot = snapshotOf(connection('acme'), changed, ...other)
    const [first] = snapshot.objects.policies
    if (first === undefined) throw new Error('no policy')
    // What no schema lets through, standing for what nobody thought of.
    Object.defineProperty(first.object.spec, 'rules', {
      get: () => {
        throw new Error('a value: hunter2')
      },
    })
    return snapshot
  }

  test('closes its own connection, under an incident, and keeps no other from changing', () => {
    const faults: unknown[][] = []
    const compiled = compileAll(faulty(), {
      previous: both,
      onFault: (...given) => faults.push(given),
    })
    expect(states(compiled)['frostgate/other']).toBe(digests['frostgate/other'])
    const { state, problems = [] } = compiled.connections.get('frostgate/acme') ?? {}
    expect(state).toMatchObject({ reason: 'InternalError' })
    const [[key, incident] = []] = faults
    expect(key).toBe('frostgate/acme')
    expect(problems.map(formatProblem)).toEqual([
      `SnowflakeConnection frostgate/acme: a fault of Frostgate itself, incident ${String(incident)}. The log of the operator has more under this incident; please report it.`,
    ])
    expect(JSON.stringify(compiled.connections.get('frostgate/acme'))).not.toContain('hunter2')
  })

  test('has the same incident each time, so that no status changes by itself', () => {
    expect(states(compileAll(faulty()))).toEqual(states(compileAll(faulty())))
    const incidents = [faulty(), faulty()].map(
      (each) => compileAll(each).connections.get('frostgate/acme')?.problems[0]?.message,
    )
    expect(incidents[0]).toBe(incidents[1])
  })
})

describe('The key of a mask', () => {
  const keyed = maskingRule('acme-ssn', 'acme', {
    mask: { hash: { key: { secretRef: { name: 'k' }, inStatements: 'Allow' } } },
  })
  const withKey = (key: string | undefined, previous?: Compiled) =>
    compileAll(
      snapshotOf(...acme.slice(0, 2), keyed, ...(key === undefined ? [] : [secret('k', { key })])),
      previous === undefined ? {} : { previous },
    )
  const [one, two] = ['1'.repeat(32), '2'.repeat(32)]

  test('is another bundle when it changes, also if nothing else does, and is not shown', () => {
    const first = withKey(one)
    const second = withKey(two, first)
    expect(states(second)).not.toEqual(states(first))
    expect(states(withKey(one, second))).toEqual(states(first))
    expect(JSON.stringify([...first.connections])).not.toContain(one)
  })

  test('that is missing or too short is compiled without: its reading says what is wrong', () => {
    expect(states(withKey('short'))).toEqual(states(withKey(undefined)))
    expect(withKey(undefined).connections.get('frostgate/acme')?.state).toHaveProperty('bundle')
  })
})

describe('What was compiled before', () => {
  const stateOf = (compiled: Compiled, key: string) => compiled.connections.get(key)?.state

  test('is taken again for connections whose objects are the same', () => {
    const now = snapshotOf(...acme, ...other, policy('new', 'other'))
    const again = compileAll(now, { previous: both })
    expect(stateOf(again, 'frostgate/acme')).toBe(stateOf(both, 'frostgate/acme'))
    expect(states(again)['frostgate/other']).not.toBe(digests['frostgate/other'])
  })

  test('is taken again after a status was written, with the object as it is now', () => {
    const now = snapshotOf({ ...acme[0], status: { auth: 'keyPair' } }, ...acme.slice(1), ...other)
    const again = compileAll(now, { previous: both })
    expect(stateOf(again, 'frostgate/acme')).toBe(stateOf(both, 'frostgate/acme'))
    expect(again.connections.get('frostgate/acme')?.connection.status).toEqual({ auth: 'keyPair' })
  })

  test.each([
    ['a new generation', policy('acme-agents', 'acme', { mode: 'Observe' }, { generation: 2 })],
    ['an object made again', policy('acme-agents', 'acme', { mode: 'Observe' }, { uid: 'x' })],
  ])('is not taken for %s', (_, changed) => {
    const again = compileAll(snapshotOf(acme[0] ?? {}, changed, ...acme.slice(2), ...other), {
      previous: both,
    })
    expect(states(again)['frostgate/acme']).not.toBe(digests['frostgate/acme'])
    expect(states(again)['frostgate/acme']).toMatch(/^sha256:/)
  })

  test('is not taken once an object is gone', () => {
    const again = compileAll(snapshotOf(...acme.slice(0, 2), ...other), { previous: both })
    expect(states(again)['frostgate/acme']).not.toBe(digests['frostgate/acme'])
  })
})

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }),
  fc.constantFrom('acme', 'okta', 'Deny', '8h', [], {}, null, ['A.B.*'], { name: 'acme' }),
)

/** The object with any value at any field of its spec. */
const spoilt = fc
  .constantFrom(...acme)
  .chain((object) =>
    fc
      .tuple(fc.constantFrom(...Object.keys(object.spec), 'unknown'), anything)
      .map(([field, value]) => ({ ...object, spec: { ...object.spec, [field]: value } })),
  )

test('Whatever becomes of one connection’s objects, the bundle of another is the same', () => {
  fc.assert(
    fc.property(fc.array(spoilt, { maxLength: 4 }), fc.boolean(), (objects, remember) => {
      const names = new Set(objects.map(({ kind, metadata }) => kind + metadata.name))
      const rest = acme.filter(({ kind, metadata }) => !names.has(kind + metadata.name))
      // A masking rule or policy may come to name the other connection: then it is about that one.
      const own = objects.filter(({ spec }) => !JSON.stringify(spec).includes('"other"'))
      const snapshot = snapshotOf(...own, ...rest, ...other)
      const compiled = compileAll(snapshot, remember ? { previous: both } : {})
      expect(states(compiled)['frostgate/other']).toBe(digests['frostgate/other'])
    }),
    { numRuns: 400 },
  )
})
