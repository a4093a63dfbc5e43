/** Roads by which an agent might try to see a raw SSN, or run what policy does not allow. */

import { deny, mask, rows, type Attack, type Outcome } from './attack.ts'

/** Views as their authors might write them, to be read as `SELECT * FROM name`. */
export const views: Readonly<Record<string, { readonly body: string; readonly outcome: Outcome }>> =
  {
    plain: { body: 'SELECT id, ssn FROM health.phi.patients', outcome: 'mask' },
    // Either name may be the column or the other's alias, so neither is shown.
    renamed: { body: 'SELECT ssn AS city, city AS ssn FROM health.phi.patients', outcome: 'rows' },
    starred: { body: 'SELECT * FROM health.phi.patients', outcome: 'mask' },
    replaced: { body: 'SELECT * REPLACE (ssn AS name) FROM health.phi.patients', outcome: 'mask' },
    on_view: { body: 'SELECT name AS c FROM health.phi.replaced', outcome: 'mask' },
    through_cte: {
      body: 'WITH w (x) AS (SELECT ssn FROM health.phi.patients) SELECT x FROM w',
      outcome: 'mask',
    },
    joined: {
      body: 'SELECT p.ssn FROM health.phi.visits v JOIN health.phi.patients p ON p.id = v.patient_id',
      outcome: 'mask',
    },
    merged: {
      body: 'SELECT ssn FROM (SELECT ssn FROM health.phi.patients) a JOIN (SELECT ssn FROM health.phi.patients) b USING (ssn)',
      outcome: 'mask',
    },
    two_arms: {
      body: 'SELECT name AS n FROM health.phi.patients UNION ALL SELECT ssn FROM health.phi.patients',
      outcome: 'rows',
    },
    by_name: {
      body: 'SELECT name AS a, ssn AS b FROM health.phi.patients UNION ALL BY NAME SELECT ssn AS a, name AS b FROM health.phi.patients',
      outcome: 'rows',
    },
    sliced: {
      body: "SELECT LEFT(ssn, 5) AS a, REPLACE(ssn, '-', '') AS b, ssn || '' AS c FROM health.phi.patients",
      outcome: 'rows',
    },
    cast_to_number: {
      body: "SELECT id, TO_NUMBER(REPLACE(ssn, '-', '')) AS n FROM health.phi.patients",
      outcome: 'rows',
    },
    grouped: {
      body: 'SELECT LEFT(ssn, 3) AS k, COUNT(*) AS n FROM health.phi.patients GROUP BY LEFT(ssn, 3)',
      outcome: 'rows',
    },
    listed: {
      body: "SELECT city, LISTAGG(ssn, ',') AS all_of_them, MAX(ssn) AS most FROM health.phi.patients GROUP BY city",
      outcome: 'rows',
    },
    windowed: {
      body: 'SELECT LAG(ssn) OVER (ORDER BY id) AS one_before FROM health.phi.patients',
      outcome: 'rows',
    },
    packed: {
      body: "SELECT OBJECT_CONSTRUCT('k', ssn) AS o FROM health.phi.patients",
      outcome: 'rows',
    },
    flattened: {
      body: "SELECT f.value AS v FROM health.phi.patients p, LATERAL FLATTEN(INPUT => SPLIT(p.ssn, '-')) f",
      outcome: 'rows',
    },
    in_values: {
      body: 'SELECT column1 AS v FROM (VALUES ((SELECT MAX(ssn) FROM health.phi.patients)))',
      outcome: 'rows',
    },
    pivoted: {
      body: "SELECT * FROM (SELECT ssn, id, city FROM health.phi.patients) PIVOT (MAX(ssn) FOR city IN ('Graz' AS b, 'x' AS x)) AS p (i, b, x)",
      outcome: 'rows',
    },
    unpivoted: {
      body: 'SELECT id, n, v FROM (SELECT id, ssn, name FROM health.phi.patients) UNPIVOT (v FOR n IN (ssn, name)) AS u (id, n, v)',
      outcome: 'rows',
    },
    in_parentheses: {
      body: 'SELECT p.ssn AS s FROM (health.phi.patients JOIN health.phi.visits ON id = patient_id) p',
      outcome: 'rows',
    },
    // The name is found in an outer query only, or in a neighbour that was not declared lateral.
    from_outside: {
      body: 'SELECT (SELECT p.ssn FROM (SELECT 1 AS one) p) AS leak FROM health.phi.patients p',
      outcome: 'rows',
    },
    from_beside: {
      body: 'SELECT d.x AS leak FROM health.phi.patients p, (SELECT p.ssn AS x) d',
      outcome: 'rows',
    },
    behind_an_alias: {
      body: 'SELECT x.leak FROM health.phi.patients p, LATERAL (SELECT 1 AS ssn, ssn AS leak) x',
      outcome: 'rows',
    },
  }

const bind = (type: string, value: string) => ({ bindings: { 1: { type, value } } })

/** The session stands in HEALTH.PHI. */
export const attacks: readonly Attack[] = [
  // ── Names ─────────────────────────────────────────────────────────────────────────────────
  ...[
    'SELECT ssn FROM patients',
    'SELECT "SSN" FROM "PATIENTS" LIMIT 9',
    'SELECT SsN FROM phi.PaTiEnTs LIMIT 9',
    'SELECT ssn FROM "HEALTH".phi."PATIENTS" LIMIT 9',
    'SELECT health.phi.patients.ssn FROM health.phi.patients LIMIT 9',
    'SELECT phi.patients.* FROM phi.patients LIMIT 9',
    'SELECT patients.ssn AS name, patients.name AS ssn FROM patients LIMIT 9',
    'SELECT visits.ssn FROM patients AS visits LIMIT 9',
    'SELECT p.c FROM patients AS p (a, b, c) LIMIT 9',
    "SELECT ssn FROM IDENTIFIER('patients') LIMIT 9",
    `SELECT ssn FROM TABLE('"HEALTH"."PHI"."PATIENTS"') LIMIT 9`,
    "SELECT IDENTIFIER('ssn') FROM patients LIMIT 9",
    "SELECT ssn FROM IDENTIFIER('PHI.\\x50ATIENTS') LIMIT 9",
    'SELECT ssn AS x, x AS y FROM patients LIMIT 9',
    'SELECT a.ssn, b.ssn FROM patients a JOIN patients b ON a.id = b.id LIMIT 9',
    'SELECT ssn, ssn, id AS ssn FROM patients LIMIT 9',
    'SELECT ssn FROM ((patients JOIN visits ON id = patient_id)) LIMIT 9',
    // CTEs that are called like the table, where they are in scope and where they are not.
    'WITH patients AS (SELECT ssn FROM patients) SELECT ssn FROM patients LIMIT 9',
    'WITH "patients" AS (SELECT 1 AS ssn) SELECT ssn FROM patients LIMIT 9',
    "WITH patients AS (SELECT '1' AS ssn) SELECT ssn FROM phi.patients LIMIT 9",
    "WITH a AS (WITH patients AS (SELECT '1' AS s) SELECT s FROM patients) SELECT a.s, p.ssn FROM a, patients p LIMIT 9",
    "(WITH patients AS (SELECT '1' AS ssn) SELECT ssn FROM patients) UNION ALL SELECT ssn FROM patients LIMIT 9",
    "WITH a AS (SELECT ssn FROM patients), patients AS (SELECT '1' AS ssn) SELECT ssn FROM a LIMIT 9",
    'SELECT q.ssn FROM (WITH patients AS (SELECT 1 AS one) SELECT p.ssn FROM patients, phi.patients p) q LIMIT 9',
  ].map((sql) => mask(sql)),
  rows("WITH patients AS (SELECT 'own' AS ssn) SELECT ssn FROM patients"),
  deny('DynamicRefused')(
    "WITH patients AS (SELECT '1' AS ssn UNION ALL SELECT ssn FROM patients) SELECT ssn FROM patients",
  ),
  deny('ColumnUseRefused')(
    'WITH RECURSIVE r AS (SELECT ssn, 1 AS n FROM patients UNION ALL SELECT ssn, n + 1 FROM r WHERE n < 2) SELECT ssn FROM r',
  ),
  ...['SELECT ssn FROM "patients"', 'SELECT ssn FROM "health".phi.patients'].map((sql, index) =>
    deny(index === 0 ? 'ObjectUnknown' : 'PolicyUncovered')(sql),
  ),
  ...[
    'SELECT ssn FROM IDENTIFIER($t)',
    "SELECT ssn FROM IDENTIFIER('pat' || 'ients')",
    'SELECT ssn FROM TABLE(patients)',
    'SELECT ssn FROM $t',
    'SELECT IDENTIFIER($c) FROM patients',
  ].map((sql) => deny('DynamicRefused')(sql)),
  deny('DynamicRefused')('SELECT ssn FROM IDENTIFIER(?)', bind('TEXT', 'patients')),
  deny('DynamicRefused')('SELECT ssn FROM TABLE(?)', bind('TEXT', 'patients')),
  ...[
    'SELECT p FROM patients p',
    'SELECT rowid FROM patients',
    'SELECT visits.ssn FROM patients',
  ].map((sql) => deny('ColumnUnresolvable')(sql)),

  // ── Values in other clothes ───────────────────────────────────────────────────────────────
  ...[
    'SELECT * EXCLUDE (name) FROM patients LIMIT 9',
    'SELECT * RENAME (ssn AS x) FROM patients LIMIT 9',
    'SELECT p.* EXCLUDE (id, dob) FROM patients p LIMIT 9',
    'SELECT * REPLACE (ssn AS city) FROM patients LIMIT 9',
    "SELECT 'x' || ssn FROM patients LIMIT 9",
    "SELECT CASE WHEN id > 0 THEN ssn ELSE 'x' END FROM patients LIMIT 9",
    'SELECT COALESCE(ssn, name), NVL(ssn, name) FROM patients LIMIT 9',
    'SELECT ssn::VARCHAR(11), CAST(ssn AS TEXT) FROM patients LIMIT 9',
    'SELECT (SELECT ssn FROM patients WHERE id = 7)',
    'SELECT * FROM VALUES ((SELECT ssn FROM patients WHERE id = 7))',
    'SELECT d.s FROM (SELECT ssn AS s FROM patient_directory) d LIMIT 9',
    'SELECT x.leak FROM patients p, LATERAL (SELECT p.ssn AS leak) x LIMIT 9',
    "SELECT 'own' AS s UNION ALL SELECT ssn FROM patients LIMIT 9",
    'SELECT ssn FROM patients SAMPLE (50 ROWS)',
    'SELECT ARRAY_CONSTRUCT(ssn) FROM patients LIMIT 9',
    "SELECT OBJECT_CONSTRUCT('s', ssn) FROM patients LIMIT 9",
  ].map((sql) => mask(sql)),
  mask('SELECT ssn FROM patients WHERE id = ?', bind('FIXED', '7')),
  mask('SELECT ssn FROM patients LIMIT ?', bind('FIXED', '7')),
  rows('SELECT ssn FROM patients', { describeOnly: true }),
  ...[
    'SELECT REVERSE(ssn), LEFT(ssn, 7), SUBSTR(ssn, 1, 3), INITCAP(LEFT(ssn, 8)) FROM patients LIMIT 99',
    'SELECT MD5(ssn), SHA2(ssn, 256), BASE64_ENCODE(ssn), HEX_ENCODE(ssn) FROM patients LIMIT 99',
    "SELECT ssn = '900-00-0000', ssn LIKE '9%', ssn IN ('900-00-0000') FROM patients LIMIT 99",
    "SELECT RIGHT(REPLACE(ssn, '-', ''), 9), ASCII(ssn) FROM patients LIMIT 99",
    'SELECT ssn IS NULL, LENGTH(ssn) FROM patients LIMIT 99',
    'SELECT profile:ssn, profile:contacts FROM patients LIMIT 9',
  ].map((sql) => rows(sql)),

  // ── Strict use: what is computed on masks would be wrong ──────────────────────────────────
  ...[
    "SELECT id FROM patients WHERE ssn = '900-00-0000'",
    "SELECT id FROM patients WHERE (ssn, id) IN (('900-00-0000', 1))",
    "SELECT id FROM patients WHERE ssn LIKE ANY ('9%', '8%')",
    "SELECT id FROM patients WHERE ssn BETWEEN '1' AND '5'",
    "SELECT id FROM patients WHERE ssn IS NOT DISTINCT FROM '1'",
    "SELECT id FROM patients WHERE NOT (id = 1 AND UPPER(ssn) = '1')",
    'SELECT ssn AS x FROM patients WHERE x > 1',
    'SELECT id FROM patients WHERE EXISTS (SELECT 1 FROM visits WHERE diagnosis = ssn)',
    'SELECT visit_id FROM visits WHERE diagnosis IN (SELECT ssn FROM patients)',
    'SELECT visit_id FROM visits WHERE diagnosis = ANY (SELECT ssn FROM patients)',
    'SELECT a.id FROM patients a JOIN patients b ON a.ssn = b.ssn',
    'SELECT a.id FROM patients a JOIN (visits v JOIN patients b ON b.ssn = v.diagnosis) ON v.patient_id = a.id',
    'SELECT a.id FROM patients a JOIN patients b USING (ssn)',
    'SELECT 1 FROM patients a NATURAL JOIN (SELECT ssn FROM patients) b',
    'SELECT 1 FROM patients a ASOF JOIN patients b MATCH_CONDITION (a.ssn >= b.ssn)',
    'SELECT id FROM patients ORDER BY ssn',
    'SELECT id, ssn FROM patients ORDER BY (2)',
    'SELECT id FROM patients ORDER BY CASE WHEN ssn > 1 THEN 1 END',
    'SELECT id FROM (SELECT id FROM patients ORDER BY ssn LIMIT 1) q',
    'SELECT ssn FROM patients ORDER BY ALL',
    'SELECT COUNT(*) FROM patients GROUP BY LEFT(ssn, 1)',
    'SELECT ssn, COUNT(*) FROM patients GROUP BY 1',
    'SELECT ssn, id, COUNT(*) FROM patients GROUP BY (1, 2)',
    'SELECT COUNT(*) FROM patients GROUP BY GROUPING SETS ((ssn, id))',
    'SELECT ssn, COUNT(*) FROM patients GROUP BY ALL',
    "SELECT city, MAX(ssn) AS m FROM patients GROUP BY city HAVING m > '5'",
    'SELECT id FROM patients QUALIFY ROW_NUMBER() OVER (ORDER BY ssn) = 1',
    'SELECT RANK() OVER (PARTITION BY ssn ORDER BY id) FROM patients',
    'SELECT SUM(id) OVER (ORDER BY id ROWS BETWEEN LENGTH(ssn) PRECEDING AND CURRENT ROW) FROM patients',
    'SELECT LEAD(ssn) OVER (ORDER BY id) FROM patients',
    'SELECT DISTINCT ssn FROM patients',
    'SELECT COUNT(DISTINCT ssn) FROM patients',
    'SELECT MIN(ssn), MAX(ssn) FROM patients',
    "SELECT LISTAGG(ssn, ',') FROM patients",
    "SELECT LISTAGG(name, ',') WITHIN GROUP (ORDER BY ssn) FROM patients",
    'SELECT ARRAY_AGG(p.*) FROM patients p',
    "SELECT '900-00-0000' INTERSECT SELECT ssn FROM patients",
    'SELECT ssn FROM patients UNION SELECT diagnosis FROM visits',
    'SELECT id FROM patients LIMIT (SELECT LENGTH(MAX(ssn)) FROM patients)',
    "SELECT f.value FROM patients p, LATERAL FLATTEN(INPUT => SPLIT(p.ssn, '-')) f",
    "SELECT s.value FROM patients p, TABLE(SPLIT_TO_TABLE(p.ssn, '-')) s",
    "WITH w AS (SELECT 1 AS one FROM patients WHERE ssn = '1') SELECT 1",
    "SELECT IDENTIFIER('name') FROM patients WHERE IDENTIFIER('ssn') = '1'",
    "SELECT 1 FROM patient_directory WHERE ssn = '1'",
    'SELECT (SELECT 1 AS ssn FROM visits WHERE diagnosis = ssn LIMIT 1) FROM patients',
  ].map((sql) => deny('ColumnUseRefused')(sql)),
  deny('ColumnUseRefused')('SELECT ssn FROM patients ORDER BY ?', bind('FIXED', '1')),

  // ── Errors that would quote a value ───────────────────────────────────────────────────────
  ...[
    'SELECT ssn::INT FROM patients',
    'SELECT TO_DATE(ssn) FROM patients',
    'SELECT PARSE_JSON(ssn) FROM patients',
    'SELECT TO_NUMBER(s) FROM (SELECT ssn AS s FROM patient_directory) q',
    'SELECT 1 / (LENGTH(ssn) - 11) FROM patients',
    'SELECT TO_NUMBER(table_name) FROM health.information_schema.tables',
  ].map((sql) => deny('UpstreamFailedRedacted')(sql)),

  // ── What policy does not give ─────────────────────────────────────────────────────────────
  ...[
    'SELECT * FROM staging.public.events',
    'SELECT 1 FROM patients WHERE id IN (SELECT event_id FROM staging.public.events)',
    'WITH e AS (SELECT * FROM staging.public.events) SELECT 1',
    'SELECT * FROM snowflake.account_usage.query_history',
    'SELECT * FROM staging.information_schema.tables',
    'DESCRIBE TABLE staging.public.events',
    'SHOW TABLES IN DATABASE staging',
    'CREATE TABLE health.phi.copy AS SELECT * FROM patients',
    'CREATE VIEW health.phi.v AS SELECT ssn AS x FROM patients',
    'INSERT INTO visits (diagnosis) SELECT ssn FROM patients',
    'UPDATE patients SET name = ssn',
    'DELETE FROM patients',
    'MERGE INTO visits USING patients ON TRUE WHEN MATCHED THEN UPDATE SET diagnosis = ssn',
    'ALTER TABLE patients RENAME COLUMN ssn TO x',
    'GRANT SELECT ON TABLE patients TO ROLE public',
    'CALL p()',
    "EXECUTE IMMEDIATE 'SELECT ssn FROM patients'",
    'BEGIN SELECT ssn FROM patients; END',
    'COPY INTO visits FROM (SELECT 1)',
    "COPY INTO 's3://bucket/' FROM patients",
    'GET @stage file:///tmp/',
  ].map((sql) => deny('PolicyUncovered')(sql)),
  ...['DROP TABLE patients', 'TRUNCATE TABLE patients', "DROP TABLE IDENTIFIER('patients')"].map(
    (sql) => deny('PolicyDenied')(sql),
  ),
  deny('StatementUnsupported')('SET t = (SELECT ssn FROM patients LIMIT 1)'),
  deny('ConstructOnProtected')('EXPLAIN SELECT ssn FROM patients'),
  ...['SELECT $1 FROM @stage', "SELECT * FROM @~/x (PATTERN => '.*')"].map((sql) =>
    deny('StageRefused')(sql),
  ),
  ...[
    "SELECT GET_DDL('TABLE', 'PATIENTS')",
    'SELECT CURRENT_STATEMENT()',
    'SELECT SYSTEM$WAIT(5)',
    'SELECT RANDOM(), UUID_STRING()',
    'SELECT "upper"(ssn) FROM patients',
    'SELECT health.phi.upper(ssn) FROM patients',
    'SELECT * FROM TABLE(health.information_schema.query_history())',
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT COLUMNS('ssn') FROM patients",
    'SELECT staging.public.numbers.NEXTVAL',
    "SELECT SNOWFLAKE.CORTEX.COMPLETE('m', ssn) FROM patients",
  ].map((sql) => deny('FunctionNotAllowed')(sql)),
  ...[
    'USE ROLE accountadmin',
    'USE SECONDARY ROLES ALL',
    'USE WAREHOUSE other_wh',
    'USE DATABASE staging',
  ].map((sql) => deny('UseRefused')(sql)),
  ...[
    'ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE',
    'ALTER SESSION SET MULTI_STATEMENT_COUNT = 0, TIMEZONE = UTC',
    "ALTER SESSION SET TIMEZONE = 'UTC' QUERY_TAG = 'x'",
    'ALTER SESSION UNSET JDBC_QUERY_RESULT_FORMAT',
  ].map((sql) => deny('SessionParameterRefused')(sql)),
  rows('SHOW TABLES IN ACCOUNT'),
  rows('SHOW COLUMNS IN TABLE patients'),
  rows('DESCRIBE VIEW patient_directory'),
  rows('SELECT view_definition FROM health.information_schema.views'),

  // ── Text that two readers could read differently ──────────────────────────────────────────
  ...[
    'SELECT 1 /* /* */ , ssn FROM patients -- */',
    'SELECT 1 /*/ , ssn FROM patients --*/',
    'SELECT $a$ , ssn FROM patients WHERE 1 = $a$',
    'SELECT ssn FROM pat\u200bients',
    'SELECT ssn\u00a0FROM patients',
    'SELECT ‘a’, ssn FROM patients',
    'SELECT `ssn` FROM patients',
    'SELECT 1 # , ssn\nFROM patients',
    "SELECT r'a\\', ssn FROM patients --'",
    "SELECT 'a' 'b', ssn FROM patients",
    'SELECT ssn -- x\rFROM visits\nFROM patients',
    'SELECT ssn FROM patıents',
    'SELECT 1.2.3 FROM patients',
    'SELECT ssn & 1 FROM patients',
    "SELECT 'unterminated",
  ].map((sql) => deny('SqlLexical')(sql)),
  ...['SELECT ssn ^ 1 FROM patients', 'FROM patients SELECT ssn', 'TABLE patients'].map((sql) =>
    deny('SqlSyntax')(sql),
  ),

  deny('StageRefused')('SELECT p.ssn, s.$1 FROM patients p, @stage/file s'),
  deny('DynamicRefused')('SELECT IDENTIFIER($f)(ssn) FROM patients'),
  deny('FunctionNotAllowed')('SELECT m!PREDICT(ssn) FROM patients'),
  deny('SqlSeveralStatements')('SELECT 1; SELECT ssn FROM patients'),
  deny('SqlSeveralStatements')('BEGIN; SELECT ssn FROM patients; COMMIT'),
  mask("SELECT ssn, '\\' , diagnosis FROM visits --' FROM patients LIMIT 9"),
  mask('SELECT ssn, $$ FROM visits -- $$ FROM patients LIMIT 9'),
  mask('SELECT ssn /* FROM visits */ FROM // visits\npatients LIMIT 9'),
]
