import { describe, expect, test } from 'vitest'
import {
  allow,
  allowed,
  alterSession,
  ask,
  call,
  denied,
  deny,
  describeTable,
  grant,
  inputFor,
  policy,
  select,
  show,
  transaction,
  use,
  type Sketch,
} from './support.ts'

const rules = [
  policy([
    allow({ name: 'read', statements: ['Query'], objects: ['ANALYTICS.*.*', 'HEALTH.PHI.*'] }),
    allow({ name: 'write', statements: ['DML'], objects: ['STAGING.PUBLIC.*'] }),
  ]),
]

describe('every principal may', () => {
  test.each<[string, Sketch, string]>([
    ['run transactions', transaction, 'transactions'],
    ['select without objects', select([], { functions: [call('UPPER')] }), 'object-free-query'],
    ['use a database of a rule', use('DATABASE', 'ANALYTICS'), 'use'],
    ['use a database of a rule for writing', use('DATABASE', 'STAGING'), 'use'],
    ['use a schema of a rule', use('SCHEMA', 'HEALTH.PHI'), 'use'],
    ['use a schema of the current database', use('SCHEMA', 'PUBLIC'), 'use'],
    ['use INFORMATION_SCHEMA', use('SCHEMA', 'HEALTH.INFORMATION_SCHEMA'), 'use'],
    ['use the granted role', use('ROLE', 'AGENT_READER'), 'use'],
    ['use the granted warehouse', use('WAREHOUSE', 'AGENT_WH'), 'use'],
    ['switch secondary roles off', use('SECONDARY ROLES', 'NONE'), 'use'],
    ['set a listed parameter', alterSession('SET', 'TIMEZONE', 'UTC'), 'session-parameters'],
    ['unset a listed parameter', alterSession('UNSET', 'TIMEZONE'), 'session-parameters'],
    ['list tables', show('TABLES'), 'show'],
    ['list tables of a database', show('TABLES', 'DATABASE', 'ANALYTICS'), 'show'],
    ['list tables of a schema', show('TABLES', 'SCHEMA', 'HEALTH.PHI'), 'show'],
    ['list what the account has', show('DATABASES', 'ACCOUNT'), 'show'],
  ])('%s', (_what, sketch, rule) => {
    expect(allowed(ask(rules, sketch)).rules).toEqual([{ policy: 'baseline', rule }])
  })

  test.each([transaction, select(), use('DATABASE', 'ANALYTICS'), show('TABLES')])(
    'and a Deny rule for anything takes it away',
    (sketch) => {
      expect(denied(ask([...rules, policy([deny({ name: 'all' })])], sketch)).rule?.rule).toBe(
        'all',
      )
    },
  )
})

describe('USE is refused', () => {
  test.each<[string, Sketch, string]>([
    ['for a database of no rule', use('DATABASE', 'FINANCE'), 'ANALYTICS.*.*, HEALTH.PHI.*'],
    ['for a schema of no rule', use('SCHEMA', 'HEALTH.OTHER'), 'HEALTH.PHI.*'],
    ['for an unruled schema of the current one', use('SCHEMA', 'STAGING.RAW'), 'STAGING.PUBLIC.*'],
    ['for INFORMATION_SCHEMA elsewhere', use('SCHEMA', 'X.INFORMATION_SCHEMA'), 'ANALYTICS.*.*'],
    ['for another role', use('ROLE', 'ACCOUNTADMIN'), 'Allowed here: AGENT_READER.'],
    ['for another warehouse', use('WAREHOUSE', 'BIG_WH'), 'Allowed here: AGENT_WH.'],
    ['for all secondary roles', use('SECONDARY ROLES', 'ALL'), 'Allowed here: NONE.'],
    ['for a named secondary role', use('SECONDARY ROLES', 'DBA'), 'would widen the session'],
    ['for a database of two parts', use('DATABASE', 'ANALYTICS.X'), 'name of one part'],
    ['for a schema of three parts', use('SCHEMA', 'A.B.C'), 'which database'],
  ])('%s', (_what, sketch, text) => {
    const { error } = denied(ask(rules, sketch))
    expect(error.entry).toBe('UseRefused')
    expect(error.message).toContain(text)
  })

  test('for a bare schema without a current database', () => {
    const sketch = use('SCHEMA', 'PHI')
    const session = { grant, context: { database: null, schema: null } }
    expect(denied(ask(rules, sketch, { session })).error.message).toContain('which database')
  })

  test('where no rule allows anything', () => {
    expect(denied(ask([policy([])], use('DATABASE', 'A'))).error.message).toContain(
      'Allowed here: nothing.',
    )
  })
})

describe('ALTER SESSION is refused', () => {
  test.each([
    ['QUOTED_IDENTIFIERS_IGNORE_CASE', 'true'],
    ['PYTHON_CONNECTOR_QUERY_RESULT_FORMAT', 'ARROW'],
    ['SEARCH_PATH', '$current'],
    ['MULTI_STATEMENT_COUNT', '0'],
    ['QUERY_TAG', 'x'],
    ['STATEMENT_TIMEOUT_IN_SECONDS', '301'],
    ['STATEMENT_TIMEOUT_IN_SECONDS', '0'],
    ['AUTOCOMMIT', 'maybe'],
    ['WEEK_START', '8'],
    ['TIMEZONE', 'UTC\nx'],
  ])('for %s = %s', (name, value) => {
    const { error } = denied(ask(rules, alterSession('SET', name, value)))
    expect(error.entry).toBe('SessionParameterRefused')
    expect(error.message).toContain(name)
    expect(error.message).toContain('Allowed: ABORT_DETACHED_QUERY, AUTOCOMMIT')
  })

  test('for a listed parameter after which an unlisted one comes', () => {
    const sketch = alterSession('SET', 'TIMEZONE', 'UTC')
    if (sketch.statement.kind !== 'AlterSession') throw new Error('not ALTER SESSION')
    const more = { name: 'QUERY_TAG', value: sketch.statement.parameters[0]?.value }
    const statement = { ...sketch.statement, parameters: [...sketch.statement.parameters, more] }
    expect(denied(ask(rules, { ...sketch, statement })).error.message).toContain('QUERY_TAG')
  })

  test('to unset what the gateway or policy set', () => {
    denied(ask(rules, alterSession('UNSET', 'QUERY_TAG')))
    denied(ask(rules, alterSession('UNSET', 'JDBC_QUERY_RESULT_FORMAT')))
    const { error } = denied(ask(rules, alterSession('UNSET', 'STATEMENT_TIMEOUT_IN_SECONDS')))
    expect(error.message).toContain('policy grants at most 300 seconds')
  })

  test('but not for a timeout within the granted one', () => {
    allowed(ask(rules, alterSession('SET', 'statement_timeout_in_seconds', '300', 'number')))
  })
})

describe('what policy sets for the session', () => {
  const fixed = {
    grant: { ...grant, warehouses: ['BIG_WH'], parameters: { TIMEZONE: 'UTC' } },
    context: { database: 'ANALYTICS', schema: 'PUBLIC' },
  }

  test('a further warehouse of policy may be used, and no other', () => {
    allowed(ask(rules, use('WAREHOUSE', 'BIG_WH'), { session: fixed }))
    allowed(ask(rules, use('WAREHOUSE', 'AGENT_WH'), { session: fixed }))
    const { error } = denied(ask(rules, use('WAREHOUSE', 'HUGE_WH'), { session: fixed }))
    expect(error.message).toContain('Allowed here: AGENT_WH, BIG_WH.')
  })

  test.each([alterSession('SET', 'timezone', 'UTC'), alterSession('UNSET', 'TIMEZONE')])(
    'a parameter of policy is neither changed nor unset',
    (sketch) => {
      const { error } = denied(ask(rules, sketch, { session: fixed }))
      expect(error.entry).toBe('SessionParameterRefused')
      expect(error.message).toContain('policy fixes it at UTC')
    },
  )
})

describe('SHOW and DESCRIBE', () => {
  test('are filtered to what may be queried', () => {
    expect(allowed(ask(rules, show('TABLES'))).visibility).toEqual([
      { database: 'ANALYTICS', schema: null, name: null },
      { database: 'HEALTH', schema: 'PHI', name: null },
    ])
  })

  test.each([
    ['database', show('TABLES', 'DATABASE', 'STAGING'), 'SHOW TABLES in STAGING'],
    ['schema', show('VIEWS', 'SCHEMA', 'HEALTH.OTHER'), 'SHOW VIEWS in HEALTH.OTHER'],
    ['table', show('COLUMNS', 'TABLE', 'STAGING.PUBLIC.EVENTS'), 'on STAGING.PUBLIC.EVENTS'],
  ])('of a %s where nothing may be queried are refused', (_what, sketch, text) => {
    const { error } = denied(ask(rules, sketch))
    expect(error.entry).toBe('PolicyUncovered')
    expect(error.message).toContain(text)
  })

  test('of a table need a rule to query it', () => {
    const sketch = describeTable('HEALTH.PHI.PATIENTS')
    expect(allowed(ask(rules, sketch)).rules).toEqual([{ policy: 'agents', rule: 'read' }])
    const { error } = denied(ask(rules, describeTable('STAGING.PUBLIC.EVENTS')))
    expect(error.message).toContain('DESCRIBE on STAGING.PUBLIC.EVENTS')
  })

  test('of columns of one table are covered by the rule for it', () => {
    const sketch = show('COLUMNS', 'TABLE', 'HEALTH.PHI.PATIENTS')
    expect(allowed(ask(rules, sketch)).rules).toEqual([{ policy: 'agents', rule: 'read' }])
  })
})

test('a statement that is not governed needs a rule, and does not run with one either', () => {
  const sketch = select()
  const statement = { ...inputFor([], sketch).statement, kind: 'Call' } as never
  const facts = { ...sketch.facts, kind: 'Call', class: 'Procedure' as const }
  const unknown = { ...sketch, statement, facts }
  expect(denied(ask(rules, unknown)).error.entry).toBe('PolicyUncovered')
  const covered = ask([policy([allow({ statements: ['Procedure'] })])], unknown)
  expect(denied(covered).error.entry).toBe('StatementUnsupported')
})
