/** Functions that keys, earlier results and the built-in list have a say in. */

import { describe, expect, test } from 'vitest'
import type { CompiledMask } from '../../../sidecar/control/bundle.ts'
import { screen } from '../../../sidecar/policy/decide.ts'
import { allow, bundle, policy } from './support.ts'
import { inputOf, judge, said } from './sql-support.ts'

const key = { kind: 'function', database: 'GOV', schema: 'KEYS', name: 'MASK_KEY' } as const
const mask: CompiledMask = {
  name: 'ssn',
  namespace: 'frostgate',
  columns: [],
  tags: [],
  subjects: [],
  exceptFor: [],
  method: { kind: 'hash', key },
  usage: 'Strict',
}

describe('the function that holds the key of a mask', () => {
  const functions = ['MASK_KEY', 'KEYS.MASK_KEY', 'GOV.KEYS.MASK_KEY', 'GOV.OTHER.MASK_KEY']
  const rules = [policy([allow({ functions })])]

  test.each(['mask_key', 'keys.mask_key', 'gov.keys.mask_key'])(
    'may not be called as %s, though a rule lists it',
    async (name) => {
      const sql = `SELECT ${name}('x')`
      const keyed = { ...bundle(...rules), masks: [mask] }
      expect(said(await judge(rules, sql, { bundle: keyed }))).toContain('FunctionNotAllowed')
      expect(said(await judge(rules, sql))).toBe('allow')
    },
  )

  test('is not another schema’s function of the same name', async () => {
    const keyed = { ...bundle(...rules), masks: [mask] }
    const sql = "SELECT gov.other.mask_key('x')"
    expect(said(await judge(rules, sql, { bundle: keyed }))).toBe('allow')
  })
})

test('where keys stand in statements, nothing that tells statements may be called, listed or not', async () => {
  const functions = ['HEALTH.INFORMATION_SCHEMA.QUERY_HISTORY']
  const rules = [policy([allow({ functions }), allow()])]
  const sql = 'SELECT query_text FROM TABLE(health.information_schema.query_history())'
  const inStatement = { kind: 'inStatement', secretName: 'k' } as const
  const masks = [{ ...mask, method: { kind: 'hash' as const, key: inStatement } }]
  const keyed = { ...bundle(...rules), masks }
  expect(said(await judge(rules, sql, { bundle: keyed }))).toContain('FunctionNotAllowed')
  expect(said(await judge(rules, sql, { bundle: { ...keyed, masks: [mask] } }))).toBe('allow')
})

describe('RESULT_SCAN and LAST_QUERY_ID', () => {
  const rules = [policy([allow()])]
  const sql = 'SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))'

  test('are allowed where every result they name was looked up, and not otherwise', async () => {
    expect(said(await judge(rules, sql, { priorResults: true }))).toBe('allow')
    expect(said(await judge(rules, sql, { priorResults: false }))).toContain('FunctionNotAllowed')
    expect(said(await judge(rules, sql))).toContain('FunctionNotAllowed')
  })

  test('are not refused before they were looked up', () => {
    expect(screen(inputOf(rules, sql))).toBeUndefined()
    expect(screen(inputOf(rules, sql, { priorResults: false }))).toBeDefined()
  })

  test.each(['scanned', 'last_id'])(
    'may not be called by the body of a view, though a rule lists them: %s',
    async (name) => {
      const functions = ['RESULT_SCAN', 'LAST_QUERY_ID']
      const listing = [policy([allow({ objects: ['*.*.*'], functions })])]
      const verdict = said(await judge(listing, `SELECT * FROM analytics.public.${name}`))
      expect(verdict).toContain('ViewUnreadable')
      expect(verdict).toContain('earlier statements')
    },
  )

  test.each(['SELECT a.b.last_query_id()', 'SELECT result_scan(1)'])(
    'are not %s',
    async (other) => {
      const verdict = said(await judge(rules, other, { priorResults: true }))
      expect(verdict).toContain('FunctionNotAllowed')
    },
  )
})

describe('the built-in list', () => {
  const rules = [policy([allow()])]

  test.each([
    "SELECT EDITDISTANCE('a', 'b'), REGEXP_SUBSTR_ALL('a', 'b'), DIV0(1, 0), TRY_TO_TIME('1')",
    'SELECT ST_DISTANCE(ST_MAKEPOINT(1, 2), ST_MAKEPOINT(1, 3)), H3_LATLNG_TO_CELL(1, 2, 3)',
    "SELECT * FROM TABLE(FLATTEN(INPUT => PARSE_JSON('[1]')))",
    'SELECT VECTOR_L2_DISTANCE([1]::VECTOR(INT, 1), [2]::VECTOR(INT, 1))',
  ])('has %s', async (sql) => {
    expect(said(await judge(rules, sql))).toBe('allow')
  })

  test.each([
    ...['SYSTEM$WAIT(1)', "GET_DDL('TABLE', 't')", 'CURRENT_STATEMENT()', 'RANDOM()'],
    ...[
      'UUID_STRING()',
      'RANDSTR(1, 1)',
      'UNIFORM(1, 2, 3)',
      "SNOWFLAKE.CORTEX.COMPLETE('m', 'p')",
    ],
    ...[
      "AI_COMPLETE('m', 'p')",
      "AI_CLASSIFY('a', ['b'])",
      'CURRENT_IP_ADDRESS()',
      'CURRENT_TRANSACTION()',
    ],
    ...["GETVARIABLE('V')", "ENCRYPT('a', 'b')", "DECRYPT('a', 'b')", "AI_EMBED('m', 'x')"],
    ...["IS_ROLE_IN_SESSION('R')", 'INVOKER_ROLE()', "GET_PRESIGNED_URL(1, 'a')", 'SEQ.NEXTVAL()'],
  ])('does not have %s', async (call) => {
    expect(said(await judge(rules, `SELECT ${call}`))).not.toBe('allow')
  })
})
