/**
 * For each guard of the gateway a statement that only this guard stops, so that its absence is
 * noticed: `mutants/` takes them out one by one.
 */

import type { ErrorName } from '../../../sidecar/errors.ts'
import type { ListedAttack } from './types.ts'

type Extra = Partial<Omit<ListedAttack, 'id' | 'class' | 'sql' | 'outcome'>>

const entry =
  (outcome: ListedAttack['outcome']) =>
  (id: string, sql: string, extra: Extra = {}): ListedAttack => ({
    id: `guard-${id}`,
    class: 'guard',
    sql,
    outcome,
    ...extra,
  })
const mask = entry('mask')
const allow = entry('allow')
const deny = (name: ErrorName) => entry(`deny:${name}`)
const use = deny('ColumnUseRefused')

export const guards: readonly ListedAttack[] = [
  mask('masked-at-read', 'SELECT ssn, email, dob, salary FROM patients'),
  mask('every-reference', 'SELECT a.ssn, b.ssn, c.ssn FROM patients a JOIN patients b ON a.id = b.id JOIN patients c ON c.id = b.id'),
  mask('star', 'SELECT * FROM patients'),
  mask('odd-names', 'SELECT "ssn" AS "SSN", "na""me" FROM "patient.notes"'),
  mask('non-ascii', 'SELECT "Gehalt" FROM "Ärzte"'),
  mask('whole-document', 'SELECT doc:ssn::STRING, doc FROM charts'),
  mask('scalar-sub-query', 'SELECT (SELECT ssn FROM patients WHERE id = 1) AS s'),
  mask('in-values', 'SELECT * FROM VALUES ((SELECT ssn FROM patients WHERE id = 1))', { runs: false }),
  mask('view', 'SELECT ssn FROM v_plain'),
  mask('view-renamed', 'SELECT code, contact, day, pay FROM v_renamed'),
  mask('view-on-view', 'SELECT c, pay FROM v_nested'),
  mask('view-derived', 'SELECT area, yearly, born, mirrored FROM v_derived'),
  mask('view-union', 'SELECT value FROM v_union'),
  allow('view-without', 'SELECT id, name FROM v_open'),
  deny('ViewUnreadable')('view-secure', 'SELECT s FROM v_secure'),
  allow('qualified', 'SELECT visit_id FROM visits', { emits: '"HEALTH"."PHI"."VISITS"' }),
  mask('qualified-projection', 'SELECT ssn FROM patients', { emits: 'FROM "HEALTH"."PHI"."PATIENTS"' }),
  mask('columns-listed', 'SELECT 1 FROM patients', { emits: 'SELECT "ID", "NAME", ' }),
  mask('declared-type', 'SELECT ssn FROM patients', { emits: 'AS VARCHAR(11)) AS "SSN"', methods: ['partial', 'redact'] }),

  // A CTE hides a table where it is in scope, and nowhere else.
  allow('cte-hides', "WITH patients AS (SELECT 'own' AS ssn) SELECT ssn FROM patients WHERE ssn = 'own'"),
  mask('cte-named-as-schema', "WITH phi AS (SELECT 'x' AS ssn) SELECT ssn FROM phi.patients"),
  mask('cte-own-body', 'WITH patients AS (SELECT ssn FROM patients) SELECT ssn FROM patients'),
  mask('cte-qualified', "WITH patients AS (SELECT 'x' AS ssn) SELECT p.ssn FROM phi.patients p"),
  mask('cte-ended', "SELECT a.s, p.ssn FROM (WITH patients AS (SELECT 'x' AS s) SELECT s FROM patients) a, patients p"),
  use('cte-carries', "WITH w AS (SELECT ssn AS x FROM patients) SELECT 1 FROM w WHERE x = '1'"),
  use('recursive-cte', 'WITH RECURSIVE r AS (SELECT ssn, 1 AS n FROM patients UNION ALL SELECT ssn, n + 1 FROM r WHERE n < 2) SELECT ssn FROM r'),

  // Strict use.
  use('where', "SELECT id FROM patients WHERE ssn = '900-00-0001'"),
  use('where-in-exists', 'SELECT id FROM patients WHERE EXISTS (SELECT 1 FROM visits WHERE ward = ssn || email)'),
  use('where-in-select-list', "SELECT (SELECT COUNT(*) FROM patients WHERE salary > 50000) AS n"),
  use('in-query', 'SELECT g FROM guesses WHERE g IN (SELECT ssn FROM patients)'),
  use('join-on', 'SELECT 1 FROM patients p JOIN guesses g ON g.g = p.ssn'),
  use('join-using', 'SELECT 1 FROM patients JOIN public.patients USING (ssn)'),
  use('join-natural', 'SELECT 1 FROM v_plain NATURAL JOIN public.patients'),
  use('order-by', 'SELECT id FROM patients ORDER BY ssn'),
  use('order-by-position', 'SELECT id, ssn FROM patients ORDER BY 2'),
  use('order-by-all', 'SELECT ssn FROM patients ORDER BY ALL'),
  use('group-by', 'SELECT COUNT(*) FROM patients GROUP BY ssn'),
  use('group-by-all', 'SELECT ssn, COUNT(*) FROM patients GROUP BY ALL'),
  use('having', "SELECT city FROM patients GROUP BY city HAVING MAX(ssn) > '5'"),
  use('qualify', 'SELECT id FROM patients QUALIFY ROW_NUMBER() OVER (ORDER BY ssn) = 1'),
  use('window-partition', 'SELECT RANK() OVER (PARTITION BY ssn ORDER BY id) FROM patients'),
  use('window-argument', 'SELECT LAG(ssn) OVER (ORDER BY id) FROM patients'),
  use('aggregate', 'SELECT MAX(ssn) FROM patients'),
  use('within-group', "SELECT LISTAGG(name, ',') WITHIN GROUP (ORDER BY ssn) FROM patients"),
  use('distinct', 'SELECT DISTINCT ssn FROM patients'),
  use('compared-arms', "SELECT '900-00-0001' INTERSECT SELECT ssn FROM patients"),
  use('second-arm', "SELECT 1 FROM (SELECT name AS x FROM patients UNION ALL SELECT ssn FROM patients) WHERE x = 'Ada'"),
  use('second-arm-by-name', "SELECT 1 FROM (SELECT name AS x, city AS y FROM patients UNION ALL BY NAME SELECT city AS y, ssn AS x FROM patients) WHERE x = 'Ada'", { runs: false }),
  use('lateral-alias', "SELECT ssn AS x FROM patients WHERE x > '1'"),
  use('derived-table', "SELECT 1 FROM (SELECT ssn AS x FROM patients) q WHERE q.x = '1'"),
  use('positional', "SELECT 1 FROM patients p WHERE p.$3 = '1'", { runs: false }),
  use('star-replaced', "SELECT 1 FROM (SELECT * REPLACE (ssn AS name) FROM patients) WHERE name = 'Ada'"),
  use('column-aliases', "SELECT 1 FROM patients AS p (a, b, c, d, e, f, g, h) WHERE c = '1'"),
  use('flatten', "SELECT f.value FROM charts c, LATERAL FLATTEN(INPUT => c.doc) f"),
  use('pivot', 'SELECT * FROM (SELECT id, ssn FROM patients) PIVOT (SUM(id) FOR ssn IN (ANY))', { runs: false }),
  use('limit', 'SELECT id FROM patients LIMIT (SELECT LENGTH(MAX(ssn)) FROM patients)', { runs: false }),
  deny('ColumnUnresolvable')('untraced', 'SELECT rowid FROM patients'),
  deny('ConstructOnProtected')('sample-clause', 'SELECT 1 FROM patients SAMPLE ((SELECT COUNT(*) FROM patients))', { runs: false }),

  // What cannot be judged, and what policy does not give.
  deny('DynamicRefused')('identifier-variable', 'SELECT ssn FROM IDENTIFIER($t)'),
  deny('DynamicRefused')('identifier-bind', 'SELECT ssn FROM IDENTIFIER(?)', { binds: ['patients'] }),
  deny('StageRefused')('stage', 'SELECT $1 FROM @stage'),
  deny('FunctionNotAllowed')('unknown-function', "SELECT GET_DDL('TABLE', 'PATIENTS')"),
  deny('FunctionNotAllowed')('qualified-function', 'SELECT health.phi.upper(ssn) FROM patients'),
  deny('FunctionNotAllowed')('mask-function', "SELECT health.public.token_of('900-00-0001')"),
  deny('FunctionNotAllowed')('table-function', 'SELECT * FROM TABLE(health.information_schema.query_history())'),
  deny('SqlSeveralStatements')('several', 'SELECT 1; SELECT ssn FROM patients'),
  deny('ObjectUnknown')('case-of-names', 'SELECT ssn FROM "patients"'),
  deny('PolicyUncovered')('uncovered', 'SELECT * FROM snowflake.account_usage.query_history'),
  allow('view-definitions', 'SELECT * FROM information_schema.views', { emits: 'NULL' }),

  // Nothing protected is kept, given away, or written over.
  deny('PersistRefused')('persist-insert', 'INSERT INTO staging.public.scratch (a) SELECT ssn FROM patients'),
  deny('PersistRefused')('persist-table', 'CREATE TABLE staging.public.t_a AS SELECT id, ssn FROM patients'),
  deny('PersistRefused')('persist-view', 'CREATE VIEW staging.public.v_a AS SELECT id FROM patients'),
  deny('PersistRefused')('persist-update', 'UPDATE staging.public.scratch SET a = p.ssn FROM patients p WHERE p.id = scratch.id'),
  deny('PersistRefused')('persist-merge', 'MERGE INTO staging.public.scratch t USING patients s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = s.ssn'),
  deny('PersistRefused')('persist-through-view', 'INSERT INTO staging.public.scratch (a) SELECT c FROM v_nested'),
  deny('MaskWriteBack')('write-back', "INSERT INTO staging.public.intake (id, ssn) VALUES (9, '*******1234')", { methods: ['partial'] }),
  deny('MaskWriteBack')('write-back-update', "UPDATE staging.public.intake SET ssn = '*******1234' WHERE id = 1", { methods: ['partial'] }),
  deny('MaskWriteBack')('write-back-bind', 'INSERT INTO staging.public.intake (id, ssn) VALUES (?, ?)', { methods: ['partial'], binds: [9, '*******1234'] }),
  deny('ProtectedValueRefused')('computed-value', "UPDATE staging.public.intake SET ssn = 'x' || name WHERE id = 1"),
  use('target-where', "DELETE FROM staging.public.intake WHERE ssn LIKE '9%'"),
  use('target-set', 'UPDATE staging.public.intake SET city = ssn'),
  use('target-merge', 'MERGE INTO staging.public.intake t USING guesses g ON t.ssn = g.g WHEN MATCHED THEN DELETE'),
  deny('ProtectedChangeRefused')('rename-column', 'ALTER TABLE staging.public.intake RENAME COLUMN ssn TO other'),
  deny('ProtectedChangeRefused')('rename-table', 'ALTER TABLE staging.public.intake RENAME TO staging.public.t_other'),
  deny('TemporaryHides')('temporary-hides', 'CREATE TEMPORARY TABLE staging.public.intake (id INT, ssn VARCHAR(11))'),
  allow('temporary-read', 'SELECT a FROM staging.public.t_own', { setup: ['CREATE TEMPORARY TABLE staging.public.t_own (a INT)'] }),
  deny('PolicyUncovered')('write-elsewhere', "UPDATE patients SET name = 'x' WHERE id = 1"),

  // What a plan rests on may have changed since.
  mask('view-changed', 'SELECT id, name FROM staging.public.v_changing', { setup: ['SELECT id, name FROM staging.public.v_changing'], meanwhile: ['CREATE OR REPLACE VIEW STAGING.PUBLIC.V_CHANGING AS SELECT id, ssn AS name FROM staging.public.intake'] }),

  // Earlier results carry what they carried.
  use('result-scan', "SELECT 1 FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE ssn = '1'", { setup: ['SELECT ssn FROM patients'] }),
  deny('PersistRefused')('result-scan-kept', 'INSERT INTO staging.public.scratch (a) SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))', { setup: ['SELECT ssn FROM patients'] }),
  deny('ResultUnknown')('result-of-another', "SELECT * FROM TABLE(RESULT_SCAN('01b2c3d4-0000-1111-0000-000000000001'))"),

  // Errors that would quote a value.
  deny('UpstreamFailedRedacted')('error-text', 'SELECT TO_DATE(name) FROM patients'),
  deny('UpstreamFailedRedacted')('error-text-view', 'SELECT TO_DATE(name) FROM v_open'),
] // prettier-ignore
