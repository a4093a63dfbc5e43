import { describe, expect, test } from 'vitest'

import {
  emit,
  factsOf,
  parseStatement,
  partsOf,
  verifyRoundTrip,
} from '../../../sidecar/sql/index.ts'
import { refusal } from './support.ts'

function facts(text: string) {
  return factsOf(parseStatement(text).statement)
}

describe.each([
  ['CALL p()', 'Call', 'Procedure'],
  ['CALL db.s.p(1, x => 2, (SELECT max(a) FROM t)) INTO :v', 'Call', 'Procedure'],
  ["CALL p(SYSTEM$REFERENCE('TABLE', 't', 'SESSION', 'SELECT'))", 'Call', 'Procedure'],
  ["CALL IDENTIFIER('db.s.p')(1)", 'Call', 'Procedure'],
  ['CALL IDENTIFIER($p)(1)', 'Call', 'Procedure'],
  ['CALL model!FORECAST(periods => 3)', 'Call', 'Procedure'],
  ["CALL SYSTEM$WAIT(1, 'MINUTES')", 'Call', 'Procedure'],
  ["EXECUTE IMMEDIATE 'SELECT 1'", 'ExecuteImmediate', 'Script'],
  ["EXECUTE IMMEDIATE 'SELECT ?' USING (a, 1)", 'ExecuteImmediate', 'Script'],
  ['EXECUTE IMMEDIATE $$ BEGIN SELECT 1; SELECT 2; END; $$', 'ExecuteImmediate', 'Script'],
  ["EXECUTE IMMEDIATE 'IF (a) THEN SELECT 1; END IF'", 'ExecuteImmediate', 'Script'],
  ['EXECUTE IMMEDIATE $v', 'ExecuteImmediate', 'Script'],
  ['EXECUTE IMMEDIATE :v USING (a)', 'ExecuteImmediate', 'Script'],
  ["EXECUTE IMMEDIATE 'SELECT ' || x", 'ExecuteImmediate', 'Script'],
  ['EXECUTE IMMEDIATE FROM @db.s.stage/dir/file.sql', 'ExecuteImmediate', 'Script'],
  [
    "EXECUTE IMMEDIATE FROM '@stage/f.sql' USING (a => 'x', b => 1) DRY_RUN = TRUE",
    'ExecuteImmediate',
    'Script',
  ],
  ["EXECUTE IMMEDIATE FROM '../f.sql'", 'ExecuteImmediate', 'Script'],
  ['EXECUTE TASK db.s.t', 'ExecuteTask', 'Script'],
  ['EXECUTE TASK t RETRY LAST', 'ExecuteTask', 'Script'],
  ['EXECUTE TASK t USING CONFIG = $${"a": 1}$$', 'ExecuteTask', 'Script'],
  ["EXECUTE TASK IDENTIFIER('t')", 'ExecuteTask', 'Script'],
  ['EXECUTE ALERT a', 'ExecuteAlert', 'Script'],
  ['EXECUTE NOTEBOOK n()', 'ExecuteNotebook', 'Script'],
  ["EXECUTE NOTEBOOK db.s.n('a', $v)", 'ExecuteNotebook', 'Script'],
  [
    "EXECUTE NOTEBOOK PROJECT p MAIN_FILE = 'a.ipynb' COMPUTE_POOL = c EXTERNAL_ACCESS_INTEGRATIONS = (i)",
    'ExecuteNotebookProject',
    'Script',
  ],
  [
    "EXECUTE DBT PROJECT IF EXISTS p ARGS = 'run' DBT_VERSION = '1.9'",
    'ExecuteDbtProject',
    'Script',
  ],
  [
    'EXECUTE DBT PROJECT FROM WORKSPACE user$.public."W" PROJECT_ROOT = \'a\'',
    'ExecuteDbtProject',
    'Script',
  ],
  ['EXECUTE DCM PROJECT p PLAN FROM @s/dir', 'ExecuteDcmProject', 'Script'],
  [
    "EXECUTE DCM PROJECT p DEPLOY AS 'v1' USING CONFIGURATION dev (a => 1) FROM @s",
    'ExecuteDcmProject',
    'Script',
  ],
  [
    "EXECUTE JOB SERVICE IN COMPUTE POOL c FROM @s SPECIFICATION_FILE = 'a.yaml' NAME = db.s.j ASYNC = TRUE",
    'ExecuteJobService',
    'Script',
  ],
  [
    'EXECUTE JOB SERVICE IN COMPUTE POOL c FROM SPECIFICATION_TEMPLATE $$x$$ USING (a => 1) NAME = j',
    'ExecuteJobService',
    'Script',
  ],
])('%s', (text, kind, statementClass) => {
  test('is read to its last token and written again', () => {
    const parsed = parseStatement(text)
    expect(factsOf(parsed.statement)).toMatchObject({
      kind,
      class: statementClass,
      structured: true,
    })
    expect(() => verifyRoundTrip(parsed, emit(parsed))).not.toThrow()
  })

  test.each([')', "'s'", '123', 'DROP TABLE z', '; DROP TABLE z'])(
    'takes no %s behind it',
    (junk) => {
      expect(refusal(() => parseStatement(`${text} ${junk}`))).toBeDefined()
    },
  )
})

describe('CALL', () => {
  test('names its procedure, and its arguments are judged like any value', () => {
    const { functions, reads } = facts('CALL db.s.p(f(1), (SELECT a FROM t))')
    expect(functions.map(({ name, type }) => [name.join('.'), type])).toEqual([
      ['DB.S.P', 'Procedure'],
      ['F', 'Scalar'],
    ])
    expect(reads.map(({ name }) => partsOf(name))).toEqual([['T']])
  })

  test('by a name that only run time tells is dynamic', () => {
    expect(facts('CALL IDENTIFIER($p)(1)').dynamic).toHaveLength(1)
    expect(facts('CALL p(1)').dynamic).toEqual([])
  })

  test.each([
    'CALL',
    'CALL p',
    'CALL 1',
    'CALL (p(1))',
    'CALL CURRENT_DATE',
    'CALL a.b.c.p()',
    'CALL p(DISTINCT 1)',
    'CALL p(1) OVER ()',
    'CALL p(1) INTO v',
    'CALL p(1)::INT',
    'CALL p(1) + 1',
    'CALL CASE WHEN a THEN b END',
  ])('is refused: %s', (text) => {
    expect(refusal(() => parseStatement(text))).toBeDefined()
  })
})

describe('EXECUTE IMMEDIATE', () => {
  test('of a literal is judged by what the literal says', () => {
    const { parts, writes, dynamic } = facts("EXECUTE IMMEDIATE 'DELETE FROM t'")
    expect(parts).toMatchObject([{ kind: 'Delete', class: 'DML', structured: true }])
    expect(writes.map(({ name }) => partsOf(name))).toEqual([['T']])
    expect(dynamic).toEqual([])
  })

  test.each(['$v', ':v', 'v', "'SELECT ' || x", "CONCAT('a', b)", "('SELECT 1')"])(
    'of %s is dynamic',
    (value) => {
      expect(facts(`EXECUTE IMMEDIATE ${value}`).dynamic).toMatchObject([
        { what: 'the code that EXECUTE IMMEDIATE runs' },
      ])
    },
  )

  test('of a file is dynamic, and reads its stage', () => {
    for (const file of ['@s/f.sql', "'@s/f.sql'"]) {
      const { dynamic, stages } = facts(`EXECUTE IMMEDIATE FROM ${file}`)
      expect(dynamic).toHaveLength(1)
      expect(stages).toMatchObject([{ name: '@s/f.sql', access: 'Read' }])
    }
  })

  test.each([
    'EXECUTE IMMEDIATE',
    "EXECUTE IMMEDIATE ''",
    "EXECUTE IMMEDIATE '-- nothing'",
    "EXECUTE IMMEDIATE 'SELECT 1; SELECT 2'",
    "EXECUTE IMMEDIATE 'FROBNICATE'",
    "EXECUTE IMMEDIATE 'SELECT 1' USING a",
    "EXECUTE IMMEDIATE 'SELECT 1' USING ()",
    "EXECUTE IMMEDIATE 'SELECT 1' DRY_RUN = TRUE",
    'EXECUTE IMMEDIATE FROM f',
    'EXECUTE IMMEDIATE FROM @s/f USING (1)',
    'EXECUTE IMMEDIATE FROM @s/f DRY_RUN = 1',
    'EXECUTE',
    'EXECUTE p()',
    'EXECUTE TABLE t',
    'EXECUTE TASK',
    "EXECUTE TASK t COMMENT = 'x'",
    'EXECUTE TASK t RETRY',
    'EXECUTE TASK t RETRY LAST RETRY LAST',
    'EXECUTE TASK IF EXISTS t',
    'EXECUTE ALERT a RETRY LAST',
    'EXECUTE NOTEBOOK n',
    'EXECUTE JOB SERVICE c',
    'EXECUTE JOB SERVICE IN COMPUTE POOL c NAME = j',
    'EXECUTE DCM PROJECT p',
    'EXECUTE DCM PROJECT p PLAN DEPLOY',
  ])('and its kin are refused: %s', (text) => {
    expect(refusal(() => parseStatement(text))).toBeDefined()
  })
})

describe('EXECUTE of an object', () => {
  test('names it, what it uses and what it makes', () => {
    const { uses, writes, effects, stages } = facts(
      `EXECUTE JOB SERVICE IN COMPUTE POOL c FROM @s SPECIFICATION_FILE = 'a.yaml'
       NAME = j QUERY_WAREHOUSE = w EXTERNAL_ACCESS_INTEGRATIONS = (i, k)`,
    )
    expect(uses.map(({ name, objectClass }) => [objectClass, ...partsOf(name)])).toEqual([
      ['COMPUTE POOL', 'C'],
      ['WAREHOUSE', 'W'],
      ['INTEGRATION', 'I'],
      ['INTEGRATION', 'K'],
    ])
    expect(writes.map(({ name, privilege }) => [privilege, ...partsOf(name)])).toEqual([
      ['CREATE', 'J'],
    ])
    expect(stages).toMatchObject([{ name: '@s', access: 'Read' }])
    expect(effects.schedules).toBe(false)
  })

  test('that runs without this session is scheduled', () => {
    expect(facts('EXECUTE TASK t')).toMatchObject({
      uses: [{ objectClass: 'TASK', privilege: 'OPERATE' }],
      effects: { schedules: true },
    })
  })
})
