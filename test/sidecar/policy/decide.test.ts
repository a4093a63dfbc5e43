import { describe, expect, test } from 'vitest'
import { FrostgateError } from '../../../sidecar/errors.ts'
import { decide, screen } from '../../../sidecar/policy/decide.ts'
import {
  allow,
  allowed,
  ask,
  call,
  denied,
  deny,
  describeTable,
  head,
  inputFor,
  policy,
  principal,
  relation,
  screened,
  select,
  show,
  use,
} from './support.ts'

const span = { start: 4, end: 5 }
const analytics = allow({
  name: 'read-analytics',
  statements: ['Query'],
  objects: ['ANALYTICS.*.*'],
})
const never = deny({
  name: 'never',
  statements: ['Drop', 'Truncate'],
  message: 'Ask #data-platform; agents may not drop.',
})
const orders = select(['ANALYTICS.PUBLIC.ORDERS'])

describe('access to objects', () => {
  test('is allowed by the rule that covers it, which the decision names', () => {
    const decision = allowed(ask([policy([analytics])], orders))
    expect(decision.rules).toEqual([{ policy: 'agents', rule: 'read-analytics' }])
    expect(decision.visibility).toBeNull()
    expect(decision.observed).toEqual([])
  })

  test('is told by the first rule that covers it, however narrow the others are', () => {
    const rules = [allow({ name: 'wide' }), allow({ name: 'narrow', objects: ['A.B.C'] })]
    expect(allowed(ask([policy(rules)], select(['A.B.C']))).rules[0]?.rule).toBe('wide')
    const turned = allowed(ask([policy(rules.toReversed())], select(['A.B.C'])))
    expect(turned.rules[0]?.rule).toBe('narrow')
  })

  test('by rules that name columns is never allowed before those are told', () => {
    const rules = [policy([allow(), deny({ columns: ['A.B.C.D'] })])]
    expect(() => ask(rules, select(['A.B.C']), { columns: undefined })).toThrow('were not told')
  })

  test('is refused where no rule covers it, and the message says what is allowed', () => {
    const refusal = denied(ask([policy([analytics])], select(['HEALTH.PHI.VISITS'])))
    expect(refusal.error.entry).toBe('PolicyUncovered')
    expect(refusal.rule).toBeUndefined()
    expect(refusal.error.message).toBe(
      'No policy rule allows SELECT on HEALTH.PHI.VISITS for this identity. Policies consulted: agents. Allowed here: Query on ANALYTICS.*.*. For anything else ask the policy owner. [Frostgate PolicyUncovered]',
    )
  })

  test('needs a rule for every object, and names those without', () => {
    const both = select(['ANALYTICS.PUBLIC.ORDERS', 'HEALTH.PHI.VISITS'])
    const { error } = denied(ask([policy([analytics])], both))
    expect(error.message).toContain('allows SELECT on HEALTH.PHI.VISITS for')
  })

  test('by two policies that each cover one object is allowed', () => {
    const visits = allow({ name: 'visits', objects: ['HEALTH.PHI.VISITS'] })
    const both = select(['ANALYTICS.PUBLIC.ORDERS', 'HEALTH.PHI.VISITS'])
    const decision = allowed(ask([policy([analytics]), policy([visits], { name: 'phi' })], both))
    expect(decision.rules).toEqual([
      { policy: 'agents', rule: 'read-analytics' },
      { policy: 'phi', rule: 'visits' },
    ])
  })

  test("to Snowflake's own database needs a rule that names it, but a Deny rule does not", () => {
    const history = select(['SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY'])
    for (const wide of [
      allow(),
      allow({ objects: ['*.*.*'] }),
      allow({ objects: ['*.ACCOUNT_USAGE.*'] }),
    ]) {
      expect(denied(ask([policy([wide])], history)).error.entry).toBe('PolicyUncovered')
    }
    const named = allow({ objects: ['SNOWFLAKE.ACCOUNT_USAGE.*'] })
    expect(ask([policy([named])], history).verdict).toBe('allow')
    const everything = deny({ name: 'none', objects: ['*.*.*'] })
    expect(denied(ask([policy([named, everything])], history)).error.entry).toBe('PolicyDenied')
  })

  test('is not given by a policy for somebody else', () => {
    const others = policy([allow()], {
      name: 'others',
      subjects: [{ provider: 'okta', groups: ['dba'], subjects: undefined, claims: undefined }],
    })
    expect(denied(ask([policy([]), others], orders)).error.message).toContain('consulted: agents.')
  })

  test('is refused for an identity that no policy names any more', () => {
    expect(denied(ask([], orders)).error.entry).toBe('PrincipalUnmatched')
  })

  test('is not given by a rule for another statement class', () => {
    const writes = allow({ statements: ['DML'], objects: ['ANALYTICS.*.*'] })
    expect(denied(ask([policy([writes])], orders)).error.entry).toBe('PolicyUncovered')
  })

  test('is not given by a rule that only lists functions', () => {
    const functions = allow({ functions: ['ANALYTICS.PUBLIC.F'] })
    expect(denied(ask([policy([functions])], orders)).error.message).toContain(
      'Allowed here: calls of ANALYTICS.PUBLIC.F.',
    )
  })

  test('is not given by an Allow rule for other columns', () => {
    const columns = allow({ columns: ['ANALYTICS.PUBLIC.ORDERS.STATUS'] })
    expect(denied(ask([policy([columns])], orders)).error.entry).toBe('PolicyUncovered')
  })

  test('completes names from where the session stands', () => {
    const sketch = select(['ORDERS'], { relations: [relation('ANALYTICS.PUBLIC.ORDERS')] })
    expect(allowed(ask([policy([analytics])], sketch)).rules).toHaveLength(1)
    const elsewhere = { ...inputFor([], sketch).session, context: { database: null, schema: null } }
    const unknown = { session: elsewhere, resolution: undefined }
    expect(denied(ask([policy([analytics])], sketch, unknown)).error.entry).toBe(
      'ObjectUnqualified',
    )
  })

  test('matches names exactly: another case is another object', () => {
    const { error } = denied(ask([policy([analytics])], select(['analytics.PUBLIC.ORDERS'])))
    expect(error.message).toContain('"analytics".PUBLIC.ORDERS')
  })

  test('must have been looked up before it is allowed', () => {
    expect(() => ask([policy([analytics])], { ...orders, resolution: undefined })).toThrow(
      'not all looked up',
    )
    const other = select(['ANALYTICS.PUBLIC.ORDERS'])
    expect(() => ask([policy([analytics])], { ...orders, resolution: other.resolution })).toThrow(
      'not all looked up',
    )
  })
})

describe('a Deny rule', () => {
  test('wins over Allow, and shows its name, policy and message', () => {
    const phi = deny({ name: 'no-phi', objects: ['HEALTH.PHI.*'], message: 'Use ANALYTICS.' })
    const refusal = denied(
      ask([policy([allow()]), policy([phi], { name: 'phi' })], select(['HEALTH.PHI.VISITS'])),
    )
    expect(refusal.rule).toEqual({ policy: 'phi', rule: 'no-phi' })
    expect(refusal.error.message).toBe(
      'SELECT on HEALTH.PHI.VISITS is denied by rule "no-phi" of AgentPolicy "phi". Use ANALYTICS. [Frostgate PolicyDenied]',
    )
  })

  test('without a message tells whom to ask', () => {
    const { error } = denied(ask([policy([allow(), deny({ name: 'none' })])], orders))
    expect(error.message).toContain('Do without it, or ask the owner of AgentPolicy "agents".')
  })

  test('for other objects does not match', () => {
    allowed(ask([policy([allow(), deny({ objects: ['HEALTH.*.*'] })])], orders))
  })

  test('for other classes does not match', () => {
    allowed(ask([policy([allow(), never])], orders))
  })

  test('finds its object behind a view, and says so', () => {
    const view = select(['ANALYTICS.PUBLIC.SUMMARY'], { behind: [relation('HEALTH.PHI.PATIENTS')] })
    const phi = deny({ name: 'no-phi', objects: ['HEALTH.PHI.*'] })
    expect(denied(ask([policy([analytics, phi])], view)).error.message).toContain(
      'SELECT on ANALYTICS.PUBLIC.SUMMARY (which reads HEALTH.PHI.PATIENTS) is denied',
    )
  })

  test('with columns matches whatever uses one of them', () => {
    const ssn = deny({ name: 'ssn', columns: ['HEALTH.PHI.*.SSN'] })
    const patients = select(['HEALTH.PHI.PATIENTS'], {
      relations: [relation('HEALTH.PHI.PATIENTS', ['ID', 'SSN'])],
    })
    const visits = select(['HEALTH.PHI.VISITS'], {
      relations: [relation('HEALTH.PHI.VISITS', ['ID', 'FEE'])],
    })
    expect(denied(ask([policy([allow(), ssn])], patients)).rule?.rule).toBe('ssn')
    allowed(ask([policy([allow(), ssn])], visits))
  })

  test('tightens the baseline', () => {
    const rule = deny({ name: 'no-listing', statements: ['Meta'] })
    expect(denied(ask([policy([allow(), rule])], show('TABLES'))).error.message).toContain(
      'SHOW TABLES is denied by rule "no-listing"',
    )
  })

  test('for queries of an object covers its description', () => {
    const phi = deny({ statements: ['Query'], objects: ['HEALTH.PHI.*'] })
    const { error } = denied(ask([policy([allow(), phi])], describeTable('HEALTH.PHI.PATIENTS')))
    expect(error.message).toContain('DESCRIBE on HEALTH.PHI.PATIENTS is denied')
  })
})

describe('a statement known only by its first words', () => {
  const drop = head('DROP', 'TABLE', 'HEALTH.PHI.PATIENTS', 'Drop')

  test('is denied by the rule that forbids it, with its message', () => {
    const refusal = denied(ask([policy([analytics, never])], drop))
    expect(refusal.rule).toEqual({ policy: 'agents', rule: 'never' })
    expect(refusal.error.message).toBe(
      'DROP TABLE HEALTH.PHI.PATIENTS is denied by rule "never" of AgentPolicy "agents". Ask #data-platform; agents may not drop. [Frostgate PolicyDenied]',
    )
  })

  test('is uncovered where no rule allows it', () => {
    const { error } = denied(ask([policy([analytics])], drop))
    expect(error.entry).toBe('PolicyUncovered')
    expect(error.message).toContain('allows DROP TABLE HEALTH.PHI.PATIENTS for')
  })

  test.each([
    ['any object', allow()],
    ['its object', allow({ statements: ['Drop'], objects: ['HEALTH.*.*'] })],
  ])('is unsupported, and never runs, where a rule for %s allows it', (_what, rule) => {
    expect(denied(ask([policy([rule])], drop)).error.message).toContain(
      'DROP TABLE statements are not run by this version',
    )
  })

  test.each(['Session', 'Meta', 'Transaction'] as const)(
    'of class %s is unsupported whatever the rules: none could allow it',
    (statementClass) => {
      const sketch = head('SET', undefined, undefined, statementClass)
      expect(denied(ask([policy([])], sketch)).error.entry).toBe('StatementUnsupported')
    },
  )

  test('whose object is not fully named may be the one that a Deny rule names', () => {
    const rule = deny({ name: 'phi', objects: ['HEALTH.PHI.PATIENTS'] })
    const vague = head('DROP', 'TABLE', 'PATIENTS', 'Drop')
    const nowhere = { ...inputFor([], vague).session, context: { database: null, schema: null } }
    expect(denied(ask([policy([rule])], vague, { session: nowhere })).rule?.rule).toBe('phi')
    expect(denied(ask([policy([rule])], vague)).rule).toBeUndefined()
  })
})

describe('what cannot be judged', () => {
  const everything = [policy([allow()])]

  test('a dynamic part is refused with its place', () => {
    const { error } = denied(
      ask(everything, select([], { dynamic: [{ what: 'IDENTIFIER($v)', span }] })),
    )
    expect(error.message).toContain('IDENTIFIER($v) at line 1, column 5')
    expect(error.column).toBe(5)
  })

  test('a stage is refused', () => {
    const { error } = denied(
      ask(everything, select([], { stages: [{ name: '@s/x', access: 'Read', span }] })),
    )
    expect(error.entry).toBe('StageRefused')
    expect(error.message).toContain('@s/x')
  })

  test.each([
    ...['SYSTEM$WAIT', 'RESULT_SCAN', 'A.B.UPPER', 'UPPER.F', 'MY_UDF', 'GET_DDL', 'RANDOM'],
    // Known from other systems; in Snowflake they would be somebody's own.
    ...['IF', 'CEILING', 'STRING_AGG', 'TIMESTAMP'],
  ])('function %s is refused, with its place', (name) => {
    const { error } = denied(
      ask(everything, select([], { functions: [call('UPPER'), call(name)] })),
    )
    expect(error.entry).toBe('FunctionNotAllowed')
    expect(error.message).toContain(`Function ${name} `)
    expect(error.column).toBe(8)
  })

  test('a table function is not a scalar one', () => {
    allowed(ask(everything, select([], { functions: [call('FLATTEN', true)] })))
    denied(ask(everything, select([], { functions: [call('FLATTEN')] })))
    denied(ask(everything, select([], { functions: [call('UPPER', true)] })))
  })

  test('a function that an Allow rule lists may be called just as it is listed', () => {
    const listed = [policy([allow({ functions: ['A.B.F', 'G'] })])]
    allowed(ask(listed, select([], { functions: [call('A.B.F'), call('G')] })))
    denied(ask(listed, select([], { functions: [call('F')] })))
    denied(ask(listed, select([], { functions: [call('A.B.G')] })))
    const dotted = { ...call('X'), name: ['A.B', 'F'] }
    denied(ask(listed, select([], { functions: [dotted] })))
  })

  test('a function that only a Deny rule lists may not', () => {
    const rules = [policy([allow(), deny({ functions: ['F'], objects: ['X.Y.Z'] })])]
    denied(ask(rules, select([], { functions: [call('F')] })))
  })

  test('a view that calls an unknown function is unreadable', () => {
    const sketch = select(['ANALYTICS.PUBLIC.V'], {
      viewFunctions: [{ view: relation('ANALYTICS.PUBLIC.V').name, use: call('MY_UDF') }],
    })
    const { error } = denied(ask(everything, sketch))
    expect(error.entry).toBe('ViewUnreadable')
    expect(error.message).toContain('it calls MY_UDF')
    allowed(ask([policy([allow({ objects: ['*.*.*'], functions: ['MY_UDF'] })])], sketch))
  })
})

describe('INFORMATION_SCHEMA', () => {
  test('is open and filtered to what may be queried', () => {
    const rules = [policy([analytics, allow({ statements: ['DML'], objects: ['STAGING.*.*'] })])]
    const decision = allowed(ask(rules, select(['ANALYTICS.INFORMATION_SCHEMA.TABLES'])))
    expect(decision.rules).toEqual([{ policy: 'baseline', rule: 'information-schema' }])
    expect(decision.visibility).toEqual([{ database: 'ANALYTICS', schema: null, name: null }])
  })

  test('of a database where nothing may be queried is not', () => {
    const { error } = denied(
      ask([policy([analytics])], select(['HEALTH.INFORMATION_SCHEMA.COLUMNS'])),
    )
    expect(error.message).toContain('SELECT on HEALTH.INFORMATION_SCHEMA.COLUMNS')
  })
})

describe('Observe', () => {
  const watch = { name: 'watch', mode: 'Observe' } as const

  test('alone lets run what no rule covers or a rule denies, and logs the verdict', () => {
    const decision = allowed(ask([policy([analytics], watch)], select(['HEALTH.PHI.VISITS'])))
    expect(decision.rules).toEqual([])
    expect(decision.observed).toHaveLength(1)
    expect(decision.observed[0]).toContain('would deny: No policy rule allows SELECT on HEALTH.PHI')
    const refused = allowed(ask([policy([deny({ name: 'none' })], watch)], orders))
    expect(refused.observed[0]).toContain('is denied by rule "none"')
  })

  test('alone still refuses what cannot be judged or would undo masks', () => {
    const rules = [policy([allow(), deny()], watch)]
    const drop = head('DROP', 'TABLE', 'A.B.C', 'Drop')
    expect(denied(ask(rules, drop)).error.entry).toBe('StatementUnsupported')
    denied(ask(rules, select([], { dynamic: [{ what: 'TABLE($v)', span }] })))
    denied(ask(rules, select([], { stages: [{ name: '@s', access: 'Read', span }] })))
    denied(ask(rules, select([], { functions: [call('MY_UDF')] })))
    denied(ask(rules, use('ROLE', 'ACCOUNTADMIN')))
  })

  test('alone lists everything, through the same filter', () => {
    const { visibility } = allowed(ask([policy([], watch)], show('TABLES')))
    expect(visibility).toEqual([{ database: null, schema: null, name: null }])
  })

  test('beside Enforce grants nothing', () => {
    const decision = denied(ask([policy([]), policy([allow()], watch)], orders))
    expect(decision.error.entry).toBe('PolicyUncovered')
    expect(decision.error.message).toContain('consulted: agents.')
    expect(decision.observed).toEqual(['would allow'])
  })

  test('beside Enforce denies nothing, and logs what it would', () => {
    const decision = allowed(ask([policy([analytics]), policy([deny()], watch)], orders))
    expect(decision.observed[0]).toContain('would deny: SELECT on ANALYTICS.PUBLIC.ORDERS')
  })

  test('beside Enforce does not allow functions or widen listings', () => {
    const wide = policy([allow({ objects: ['*.*.*'], functions: ['F'] })], watch)
    denied(ask([policy([analytics]), wide], select([], { functions: [call('F')] })))
    const { visibility } = allowed(ask([policy([analytics]), wide], show('TABLES')))
    expect(visibility).toEqual([{ database: 'ANALYTICS', schema: null, name: null }])
  })
})

describe('screening before the catalogue is asked', () => {
  test('refuses what the names alone decide', () => {
    const sketch = { ...select(['HEALTH.PHI.VISITS']), resolution: undefined }
    expect(denied(screened([policy([analytics])], sketch)).error.entry).toBe('PolicyUncovered')
    expect(screened([policy([analytics])], { ...orders, resolution: undefined })).toBeUndefined()
  })

  test('does not take a resolution into account', () => {
    const ssn = deny({ columns: ['ANALYTICS.PUBLIC.ORDERS.ID'] })
    const input = inputFor([policy([allow(), ssn])], orders)
    expect(screen(input)).toBeUndefined()
    expect(decide(input).verdict).toBe('deny')
  })
})

test('every refusal is an error of the catalogue with code and SQLSTATE', () => {
  const { error } = denied(ask([policy([])], orders, { principal }))
  expect(error).toBeInstanceOf(FrostgateError)
  expect([error.code, error.sqlState]).toEqual(['003001', '42501'])
})
