/** The statements that every driver runs, in this order and in one session. */

import {
  all,
  columns,
  fails,
  hides,
  lists,
  maskedPatients,
  orders,
  ran,
  refused,
  rows,
  type Judge,
} from './answer.ts'

export interface Check {
  readonly name: string
  readonly sql: string
  readonly binds?: readonly (string | number | null)[]
  /** `checksum` gives one row, the count and digest of all; `describe` the columns without running. */
  readonly operation: 'rows' | 'checksum' | 'describe' | 'wait'
  /** To wait. */
  readonly seconds?: number
  readonly judge: Judge
  /** Refused by the gateway: it must have come there once, and never have been sent again. */
  readonly refused?: true
}

const query = (name: string, sql: string, judge: Judge): Check => ({
  name,
  sql,
  operation: 'rows',
  judge,
})

const refusal = (name: string, sql: string, ...words: readonly string[]): Check => ({
  ...query(name, sql, refused(...words)),
  refused: true,
})

const types: readonly Check[] = [
  query('a whole number', 'SELECT 42::NUMBER(10,0) AS n', rows(['42'])),
  query('a decimal number', 'SELECT -1234.50::NUMBER(12,2) AS n', rows(['-1234.5'])),
  query('a float', 'SELECT 0.25::FLOAT AS f', rows(['0.25'])),
  query('booleans', 'SELECT TRUE AS t, FALSE AS f', rows(['true', 'false'])),
  query('text beyond ASCII', "SELECT 'Zürich, 東京, it''s' AS t", rows(["Zürich, 東京, it's"])),
  query('binary', "SELECT TO_BINARY('00AB01FF', 'HEX') AS b", rows(['00AB01FF'])),
  query('a date', "SELECT '2024-02-29'::DATE AS d", rows(['2024-02-29'])),
  query('a date before 1970', "SELECT '1935-07-01'::DATE AS d", rows(['1935-07-01'])),
  query('a time', "SELECT '12:34:56'::TIME AS t", rows(['12:34:56'])),
  query(
    'a timestamp without zone',
    "SELECT '2024-02-29 12:34:56.789'::TIMESTAMP_NTZ AS t",
    rows(['2024-02-29T12:34:56.789Z']),
  ),
  query(
    'a timestamp with zone',
    "SELECT '2024-02-29 12:34:56.789 +0530'::TIMESTAMP_TZ AS t",
    rows(['2024-02-29T07:04:56.789Z']),
  ),
  query(
    'a timestamp in the time zone of the session',
    "SELECT '2024-02-29T12:34:56.789Z'::TIMESTAMP_LTZ AS t",
    rows(['2024-02-29T12:34:56.789Z']),
  ),
  query(
    'variant, array and object',
    `SELECT PARSE_JSON('{"b":[1,2],"a":"x"}') AS v, ARRAY_CONSTRUCT(1, 'two') AS a, OBJECT_CONSTRUCT('k', 1) AS o`,
    rows(['{"a":"x","b":[1,2]}', '[1,"two"]', '{"k":1}']),
  ),
  query(
    'NULL of each type',
    'SELECT NULL::NUMBER AS a, NULL::FLOAT AS b, NULL::BOOLEAN AS c, NULL::VARCHAR AS d, NULL::BINARY AS e, NULL::DATE AS f, NULL::TIME AS g, NULL::TIMESTAMP_NTZ AS h, NULL::TIMESTAMP_TZ AS i, NULL::VARIANT AS j',
    rows([null, null, null, null, null, null, null, null, null, null]),
  ),
]

const results: readonly Check[] = [
  query(
    'an empty result has its columns',
    'SELECT id, name FROM health.phi.patients WHERE id < 0',
    all(rows(), columns(['ID', 'fixed'], ['NAME', 'text'])),
  ),
  {
    ...query('bound values', 'SELECT ? + 1 AS a, ? AS b, ? AS c', rows(['42', "it's", null])),
    binds: [41, "it's", null],
  },
  {
    ...query(
      'a bound value in a predicate',
      'SELECT id, ssn FROM health.phi.patients WHERE id = ?',
      maskedPatients(1),
    ),
    binds: [7],
  },
  {
    name: '100,000 rows through chunks',
    sql: 'SELECT order_id, amount FROM analytics.public.orders ORDER BY order_id',
    operation: 'checksum',
    judge: orders,
  },
  {
    name: 'a description without running',
    sql: 'SELECT id, ssn, dob FROM health.phi.patients',
    operation: 'describe',
    judge: all(
      columns(['ID', 'fixed'], ['SSN', 'text'], ['DOB', 'date']),
      ({ rows: given = [] }) => (given.length === 0 ? undefined : 'rows came'),
    ),
  },
]

const masks: readonly Check[] = [
  query(
    'an SSN masked',
    'SELECT id, ssn FROM health.phi.patients ORDER BY id LIMIT 100',
    maskedPatients(100),
  ),
  query(
    'an SSN masked under another name',
    'SELECT id, p.ssn AS city FROM health.phi.patients p ORDER BY id LIMIT 5',
    maskedPatients(5),
  ),
  query(
    'an SSN masked through a common table expression',
    'WITH people AS (SELECT id, ssn AS s FROM health.phi.patients) SELECT id, s FROM people ORDER BY id LIMIT 5',
    maskedPatients(5),
  ),
  query(
    'an SSN masked in a join',
    'SELECT p.id, p.ssn FROM health.phi.patients p JOIN health.phi.visits v ON v.patient_id = p.id ORDER BY v.visit_id LIMIT 5',
    maskedPatients(5),
  ),
  query(
    'an SSN masked in an arm of a UNION ALL',
    'SELECT id, name FROM health.phi.patients WHERE id < 0 UNION ALL SELECT id, ssn FROM health.phi.patients WHERE id <= 5 ORDER BY id',
    maskedPatients(5),
  ),
  query(
    'an SSN masked through a view',
    'SELECT id, ssn FROM health.phi.patient_directory ORDER BY id LIMIT 5',
    maskedPatients(5),
  ),
  query(
    'an SSN that is NULL stays NULL',
    'SELECT id, ssn FROM health.phi.patients WHERE id = 97',
    rows(['97', null]),
  ),
]

const refusals: readonly Check[] = [
  refusal(
    'a predicate on a masked column is refused',
    "SELECT name FROM health.phi.patients WHERE ssn = '900-12-3456'",
    'HEALTH.PHI.PATIENTS.SSN',
    'WHERE',
  ),
  refusal(
    'DROP TABLE is refused',
    'DROP TABLE health.phi.patients',
    '"never"',
    'Ask #data-platform; agents may not drop.',
  ),
  refusal(
    'a table that no rule allows is refused',
    'SELECT event_id FROM staging.public.events',
    'STAGING.PUBLIC.EVENTS',
  ),
  refusal('a function off the list is refused', 'SELECT SYSTEM$WAIT(1)', 'SYSTEM$WAIT'),
  refusal(
    'INSERT is refused',
    "INSERT INTO analytics.public.customers VALUES (1, 'x', 'EMEA')",
    'INSERT',
  ),
  refusal('two statements at once are refused', 'SELECT 1 AS a; SELECT 2 AS b', 'statement'),
  query(
    "Snowflake's own error keeps its code and state",
    'SELECT 1 / 0 AS x',
    fails({ code: 100051, sqlState: '22012' }),
  ),
]

const session: readonly Check[] = [
  query(
    'SHOW TABLES lists what may be read',
    'SHOW TABLES IN SCHEMA health.phi',
    lists({ name: 'PATIENTS', schema_name: 'PHI' }),
  ),
  query('SHOW TABLES hides the rest', 'SHOW TABLES IN ACCOUNT', hides('EVENTS')),
  query(
    'DESCRIBE TABLE',
    'DESCRIBE TABLE health.phi.patients',
    lists({ name: 'SSN', type: 'VARCHAR(11)' }),
  ),
  query('USE SCHEMA', 'USE SCHEMA health.phi', ran),
  query(
    'an unqualified name after USE SCHEMA',
    'SELECT id, ssn FROM patients ORDER BY id LIMIT 3',
    maskedPatients(3),
  ),
  query('ALTER SESSION', "ALTER SESSION SET TIMEZONE = 'Asia/Tokyo'", ran),
  query(
    'the time zone that was set',
    "SELECT '2024-06-01 09:00:00'::TIMESTAMP_LTZ AS t",
    rows(['2024-06-01T00:00:00.000Z']),
  ),
]

export const checks: readonly Check[] = [...types, ...results, ...masks, ...refusals, ...session]
