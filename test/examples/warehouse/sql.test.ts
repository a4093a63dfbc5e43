import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { macroFunctions } from '../../../examples/warehouse/sql/functions.ts'
import type { Warehouse } from '../../../examples/warehouse/warehouse.ts'
import { type Answer, RawClient, smallWarehouse } from './fixture.ts'

let warehouse: Warehouse
let raw: RawClient

beforeAll(async () => {
  warehouse = await smallWarehouse({ chunkRows: 5000 })
  raw = new RawClient(warehouse.url)
  await raw.login('?databaseName=HEALTH&schemaName=PHI')
})
afterAll(() => warehouse.close())

const rows = async (sql: string): Promise<Answer['data']['rowset']> => {
  const answer = await raw.query(sql)
  expect(answer.message).toBeNull()
  return answer.data.rowset
}

describe('cells', () => {
  test.each([
    [
      "'99999999999999999999999999999999999999'::NUMBER(38,0)",
      'fixed',
      '99999999999999999999999999999999999999',
    ],
    ['1.1::NUMBER(10,2)', 'fixed', '1.10'],
    ['-0.5::NUMBER(10,2)', 'fixed', '-0.50'],
    ['1/3', 'fixed', '0.333333'],
    ['1.5::FLOAT', 'real', '1.5'],
    ["'inf'::FLOAT", 'real', 'inf'],
    ["'-inf'::FLOAT", 'real', '-inf'],
    ["'NaN'::FLOAT", 'real', 'NaN'],
    ['TRUE', 'boolean', '1'],
    ['1 = 2', 'boolean', '0'],
    ["TO_BINARY('ab01')", 'binary', 'AB01'],
    ["TO_BINARY('5C78FF')::BINARY", 'binary', '5C78FF'],
    ["'1969-12-31'::DATE", 'date', '-1'],
    ["'10:11:12.5'::TIME", 'time', '36672.500000000'],
    ["'1969-12-31 23:59:58.5'::TIMESTAMP_NTZ", 'timestamp_ntz', '-1.500000000'],
    ["'2020-01-01 00:00:00'::TIMESTAMP_LTZ", 'timestamp_ltz', '1577865600.000000000'],
    ["'2020-01-01 00:00:00 +0000'::TIMESTAMP_LTZ", 'timestamp_ltz', '1577836800.000000000'],
    ["TO_TIMESTAMP_LTZ('2020-01-01 05:30:00.25+0530')", 'timestamp_ltz', '1577836800.250000000'],
    ["CAST('ab01' AS BINARY)", 'binary', 'AB01'],
    ["'2020-01-01 10:00:00 -0800'::TIMESTAMP_TZ", 'timestamp_tz', '1577901600.000000000 960'],
    ['PARSE_JSON(\'{"a": 1}\')', 'variant', '{"a":1}'],
    ["OBJECT_CONSTRUCT('a', 1)", 'object', '{"a":1}'],
    ['ARRAY_CONSTRUCT()', 'array', '[]'],
    ["ARRAY_CONSTRUCT(1, 'a')", 'array', '[1,"a"]'],
    ['CAST(NULL AS DATE)', 'date', null],
  ])('%s is a %s with the cell %j', async (sql, type, cell) => {
    const { data } = await raw.query(`SELECT ${sql} AS X`)
    expect([data.rowtype[0]?.type, data.rowset[0]?.[0]]).toEqual([type, cell])
  })

  test.each([
    ['SELECT $1 FROM VALUES (1::NUMBER), (2::NUMBER)', [['1'], ['2']]],
    ['SELECT CAST(7.4 AS NUMBER)', [['7']]],
    [
      'SELECT (1) FROM (SELECT ID FROM (HEALTH.PHI.PATIENTS) WHERE ID = 1) JOIN (PATIENTS) P ON P.ID = 2',
      [['1']],
    ],
    ["SELECT TO_VARCHAR('2020-01-02'::DATE, 'YYYY-MM-' || 'DD' || 'Z')", [['2020-01-02Z']]],
    [
      'SELECT ANALYTICS.PUBLIC.CUSTOMERS.CUSTOMER_ID FROM ANALYTICS.PUBLIC.CUSTOMERS ORDER BY 1 LIMIT 1',
      [['1']],
    ],
    ['SELECT PHI.PATIENTS.ID FROM PHI.PATIENTS WHERE PHI.PATIENTS.ID = 2', [['2']]],
  ])('%s', async (sql, expected) => {
    expect(await rows(sql)).toEqual(expected)
  })

  test('TIMESTAMP_LTZ follows the time zone of the login', async () => {
    const own = new RawClient(warehouse.url)
    await own.login('', { SESSION_PARAMETERS: { TIMEZONE: 'UTC' } })
    const { data } = await own.query("SELECT '2020-01-01 00:00:00'::TIMESTAMP_LTZ")
    expect(data.rowset).toEqual([['1577836800.000000000']])
  })

  test('TIMESTAMP_LTZ follows the session time zone', async () => {
    const own = new RawClient(warehouse.url)
    await own.login()
    await own.query("ALTER SESSION SET TIMEZONE = 'UTC'")
    const { data } = await own.query("SELECT '2020-01-01 00:00:00'::TIMESTAMP_LTZ")
    expect(data.rowset).toEqual([['1577836800.000000000']])
    expect(data['parameters']).toContainEqual({ name: 'TIMEZONE', value: 'UTC' })
  })
})

const masked = `SELECT p."SSN" FROM (SELECT "ID", "NAME", CAST(CASE WHEN "SSN" IS NULL THEN NULL
  WHEN LENGTH("SSN") <= 8 THEN REPEAT('*', LENGTH("SSN"))
  ELSE REPEAT('*', LENGTH("SSN") - 4) || RIGHT("SSN", 4) END AS VARCHAR(11)) AS "SSN", "DOB"
  FROM "HEALTH"."PHI"."PATIENTS") AS p`

describe('declared types reach the output', () => {
  test.each([
    ['a masked projection', masked],
    ['a CTE', `WITH m AS (${masked}) SELECT * FROM m`],
    ['a UNION ALL', `${masked} UNION ALL ${masked}`],
    ['a view', 'SELECT SSN FROM PATIENT_DIRECTORY'],
    ['a join', 'SELECT p.SSN FROM PATIENTS p JOIN VISITS v ON v.PATIENT_ID = p.ID'],
    ['MAX', 'SELECT MAX(SSN) FROM PATIENTS'],
  ])('VARCHAR(11) through %s', async (_what, sql) => {
    const { data, message } = await raw.query(sql)
    expect(message).toBeNull()
    expect(data.rowtype[0]).toMatchObject({ type: 'text', length: 11, byteLength: 44 })
  })

  test('masked values are the mask', async () => {
    const found = await rows(`${masked} WHERE p."ID" = 1`)
    expect(found[0]?.[0]).toMatch(/^\*{7}\d{4}$/)
  })

  test('the wider of two text types wins in a UNION', async () => {
    const { data } = await raw.query('SELECT SSN FROM PATIENTS UNION ALL SELECT CITY FROM PATIENTS')
    expect(data.rowtype[0]?.length).toBe(100)
  })
})

describe('output names', () => {
  test.each([
    ['SELECT count(*) FROM PATIENTS', 'COUNT(*)'],
    ['SELECT id + 1 FROM PATIENTS LIMIT 1', 'ID + 1'],
    ['SELECT p.ssn FROM PATIENTS p LIMIT 1', 'SSN'],
    ['SELECT p.ssn AS "MiXed" FROM PATIENTS p LIMIT 1', 'MiXed'],
    ['SELECT p.ssn AS MiXed FROM PATIENTS p LIMIT 1', 'MIXED'],
    ['SELECT profile:blood_type::string FROM PATIENTS LIMIT 1', 'PROFILE:BLOOD_TYPE::STRING'],
    ["SELECT 'abc'", "'ABC'"],
    ['SELECT current_user()', 'CURRENT_USER()'],
  ])('%s is named %s', async (sql, name) => {
    expect((await raw.query(sql)).data.rowtype[0]?.name).toBe(name)
  })
})

describe('errors quote what they are about', () => {
  test.each([
    ['SELECT * FROM NOPE', '002003', '02000', "'HEALTH.PHI.NOPE' does not exist or not authorized"],
    ['SELECT * FROM NODB.A.B', '002003', '02000', "'NODB'"],
    ['SELECT NOPE FROM PATIENTS', '000904', '42000', "invalid identifier 'NOPE'"],
    ['SELECT "ssn" FROM PATIENTS', '000904', '42000', `invalid identifier '"ssn"'`],
    ['SELECT 1 FRO X', '001003', '42000', "syntax error line 1 at position 13 unexpected 'X'"],
    ['selec 1', '001003', '42000', 'syntax error line 1'],
    ["SELECT 'abc", '001003', '42000', '<EOF>'],
    ["SELECT 'abc'::NUMBER", '100038', '22018', "Numeric value 'abc' is not recognized"],
    ["SELECT * FROM PATIENTS WHERE ID = 'zz'", '100038', '22018', "'zz'"],
    [
      'SELECT SSN::NUMBER FROM PATIENTS WHERE ID = 1',
      '100038',
      '22018',
      /Numeric value '9\d\d-\d\d-\d{4}'/,
    ],
    [
      'SELECT TO_NUMBER(SSN) FROM PATIENTS WHERE ID = 1',
      '100038',
      '22018',
      /Numeric value '9\d\d-/,
    ],
    ["SELECT 'x'::DATE", '100040', '22007', "Date 'x' is not recognized"],
    ["SELECT 'x'::TIMESTAMP_NTZ", '100035', '22007', "Timestamp 'x' is not recognized"],
    ["SELECT 'x'::BOOLEAN", '100037', '22018', "Boolean value 'x' is not recognized"],
    ['SELECT 300::NUMBER(2,0)', '100039', '22003', "'300' is out of range"],
    ['SELECT 1/0', '100051', '22012', 'Division by zero'],
    ["SELECT 'abcdef'::VARCHAR(3)", '100078', '22000', "String 'abcdef' is too long"],
    ["SELECT PARSE_JSON('{bad')", '100069', '22P02', 'Error parsing JSON: {bad'],
    ['SELECT NO_SUCH(1)', '002140', '42601', 'Unknown function NO_SUCH'],
    [
      'SELECT ID FROM PATIENTS GROUP BY CITY',
      '000979',
      '42601',
      'is not a valid group by expression',
    ],
    [
      'SELECT ID FROM PATIENTS A JOIN PATIENTS B ON A.ID = B.ID',
      '002028',
      '42601',
      "ambiguous column name 'ID'",
    ],
    ['USE DATABASE NOPE', '002043', '02000', 'Object does not exist'],
    ['DROP TABLE NOPE', '002003', '02000', "Table 'HEALTH.PHI.NOPE'"],
    ['CREATE TABLE PATIENTS (A NUMBER)', '002002', '42710', "Object 'PATIENTS' already exists"],
    ['USE ROLE ACCOUNTADMIN', '003013', '42501', "'ACCOUNTADMIN'"],
    ['GRANT ROLE X TO USER Y', '000002', '0A000', 'Unsupported'],
  ])('%s → %s (%s)', async (sql, code, sqlState, text) => {
    const answer = await raw.query(sql)
    expect(answer.status).toBe(200)
    expect(answer).toMatchObject({ success: false, code, data: { sqlState, errorCode: code } })
    expect(answer.message).toMatch(text)
  })
})

describe('functions', () => {
  test.each([
    ["SPLIT_PART('a-b', '-', 2)", 'b'],
    ["SPLIT_PART('a-b', '-', 0)", 'a'],
    ['DIV0(1, 0)', '0'],
    ["IFF(1 = 1, 'y', 'n')", 'y'],
    ["NVL(NULL, 'x')", 'x'],
    ["DECODE(2, 1, 'a', 2, 'b')", 'b'],
    ["CONCAT('a', NULL)", null],
    ['ZEROIFNULL(NULL)', '0'],
    ["TRY_TO_NUMBER('x')", null],
    ["TO_VARCHAR('2020-02-03'::DATE, 'DD.MM.YYYY')", '03.02.2020'],
    ["TO_DATE('03.02.2020', 'DD.MM.YYYY')", '18295'],
    ["DATEADD(day, 1, '1970-01-01'::DATE)", '1'],
    ["DATEDIFF(hour, '2020-01-01'::TIMESTAMP_NTZ, '2020-01-01 05:00:00'::TIMESTAMP_NTZ)", '5'],
    ["DATE_TRUNC('month', '1970-02-15'::DATE)", '31'],
    ['PARSE_JSON(\'{"a":[1,{"b":"c"}]}\'):a[1].b::VARCHAR', 'c'],
    ["TYPEOF(PARSE_JSON('1'))", 'INTEGER'],
    ["SHA2('x')", '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'],
    ["REGEXP_REPLACE('aXbX', 'X', '-')", 'a-b-'],
    ["REPEAT('*', 3) || RIGHT('abcdef', 2)", '***ef'],
    ['EQUAL_NULL(NULL, NULL)', '1'],
    ["TO_VARCHAR('2020-01-01 10:00:00 +0200'::TIMESTAMP_TZ)", '2020-01-01 10:00:00.000 +0200'],
  ])('%s is %j', async (sql, cell) => {
    expect(await rows(`SELECT ${sql}`)).toEqual([[cell]])
  })

  test('LISTAGG, FLATTEN, VALUES and QUALIFY', async () => {
    expect(
      await rows(
        "SELECT LISTAGG(COLUMN1, ',') WITHIN GROUP (ORDER BY COLUMN1) FROM VALUES ('b'), ('a')",
      ),
    ).toEqual([['a,b']])
    expect(
      await rows(`SELECT f.INDEX, f.VALUE:sku::VARCHAR FROM STAGING.PUBLIC.EVENTS e,
        LATERAL FLATTEN(input => e.PAYLOAD:items) f WHERE e.EVENT_ID = 1 ORDER BY 1`),
    ).toEqual([
      ['0', 'SKU-1'],
      ['1', 'SKU-1'],
    ])
    expect(
      await rows('SELECT ID FROM PATIENTS QUALIFY ROW_NUMBER() OVER (ORDER BY ID DESC) = 1'),
    ).toEqual([['300']])
  })

  test('every renamed function has a macro that DuckDB accepts', () => {
    expect(macroFunctions.size).toBeGreaterThan(80)
    expect(macroFunctions.has('SPLIT_PART')).toBe(true)
    expect(macroFunctions.has('TEXT')).toBe(false)
  })
})

test('any text survives as a bind and comes back unchanged', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 30 }), async (value) => {
      // DuckDB's strings end at NUL; Snowflake's drivers do not send it either.
      const text = value.replaceAll('\0', '').toWellFormed()
      const { data } = await raw.query("SELECT '?', ?", {
        bindings: { 1: { type: 'TEXT', value: text } },
      })
      expect(data.rowset).toEqual([['?', text]])
    }),
    { numRuns: 30 },
  )
}, 120_000)
