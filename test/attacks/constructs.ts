/** Roads through what sees rows before the select list does: PIVOT, CONNECT BY, time travel, … */

import { deny, mask, rows, type Attack } from './attack.ts'

/** The session stands in HEALTH.PHI. */
export const constructs: readonly Attack[] = [
  ...[
    'SELECT p.ssn FROM (phi.patients JOIN visits ON phi.patients.id = patient_id) p LIMIT 9',
    'SELECT p.c FROM (patients CROSS JOIN visits) AS p (a, b, c) LIMIT 9',
    'SELECT q.ssn FROM ((patients JOIN visits ON TRUE) p JOIN visits v ON TRUE) q LIMIT 9',
    'SELECT p.ssn FROM patients p JOIN visits v JOIN visits w ON w.visit_id = v.visit_id ON v.patient_id = p.id LIMIT 9',
    "SELECT p.ssn FROM patients p, (SELECT city, id FROM patients) PIVOT (COUNT(id) FOR city IN ('Graz')) q LIMIT 9",
    'SELECT p.ssn, u.v FROM patients p, (SELECT id, name, city FROM patients) UNPIVOT (v FOR n IN (name, city)) u LIMIT 9',
  ].map((sql) => mask(sql)),
  ...[
    "SELECT * FROM (SELECT city, id FROM patients) PIVOT (COUNT(id) FOR city IN ('Graz', 'x'))",
    'SELECT * FROM (SELECT id, name, city FROM patients) UNPIVOT (v FOR n IN (name, city)) LIMIT 9',
    'SELECT v FROM visits UNPIVOT (v FOR n IN (diagnosis)) AS u LIMIT 9',
    "WITH patients AS (SELECT 'a' AS ssn) SELECT * FROM patients PIVOT (MAX(ssn) FOR ssn IN ('a'))",
    'SELECT * FROM health.information_schema.tables UNPIVOT (v FOR n IN (table_schema, table_name))',
    'SELECT v.* FROM (visits CROSS JOIN (SELECT 1 AS one)) v LIMIT 9',
  ].map((sql) => rows(sql)),
  ...[
    'SELECT id FROM patients PIVOT (MAX(id) FOR ssn IN (ANY))',
    "SELECT * FROM patients PIVOT (MAX(ssn) FOR city IN ('Graz'))",
    "SELECT * FROM patients p PIVOT (COUNT(id) FOR city IN ('Graz')) AS q (a, b, c)",
    'SELECT * FROM visits PIVOT (COUNT(visit_id) FOR diagnosis IN (SELECT ssn FROM patients))',
    'SELECT * FROM patients PIVOT (COUNT(id) FOR city IN (ANY ORDER BY ssn))',
    "SELECT * FROM plain PIVOT (MAX(id) FOR ssn IN ('a'))",
    'SELECT * FROM (SELECT ssn AS a, city AS b FROM patients) UNPIVOT (v FOR n IN (a, b))',
    'SELECT v FROM (patients p JOIN visits ON p.id = patient_id) UNPIVOT INCLUDE NULLS (v FOR n IN (ssn, name))',
    'SELECT value FROM patients UNPIVOT (value FOR name IN (ssn, name))',
    'SELECT m FROM patients MATCH_RECOGNIZE (MEASURES ssn AS m PATTERN (a) DEFINE a AS TRUE)',
    "SELECT m FROM patients MATCH_RECOGNIZE (MEASURES MAX(a.city) AS m PATTERN (a) DEFINE a AS a.ssn > '5')",
    'SELECT * FROM patients RESAMPLE (USING dob INCREMENT BY 1)',
    'SELECT * FROM patients CHANGES (INFORMATION => DEFAULT) AT (OFFSET => -60)',
    'SELECT METADATA$ACTION FROM patients CHANGES (INFORMATION => APPEND_ONLY) AT (OFFSET => -60) END (OFFSET => -1)',
    'SELECT id FROM patients CONNECT BY PRIOR ssn = ssn',
    "SELECT id FROM patients START WITH ssn LIKE '9%' CONNECT BY PRIOR id = id",
    'SELECT id, LEVEL FROM patients CONNECT BY PRIOR id = id ORDER BY CONNECT_BY_ROOT ssn',
    'SELECT 1 FROM patients p, visits v WHERE p.ssn = v.diagnosis (+)',
    "SELECT 1 FROM (patients JOIN visits ON TRUE) q WHERE q.ssn = '1'",
    'SELECT 1 FROM visits v JOIN patients p JOIN visits w ON w.visit_id = p.id ON p.ssn = v.diagnosis',
    'SELECT f.value FROM patients p, TABLE(FLATTEN({*})) f',
    'SELECT id FROM patients p ORDER BY {p.* EXCLUDE id}',
    'SELECT MAX({*}) FROM patients',
  ].map((sql) => deny('ColumnUseRefused')(sql)),
  ...[
    'SELECT patients.ssn FROM (patients) p',
    'SELECT p.$3 FROM (patients) p',
    'SELECT METADATA$FILENAME FROM patients',
  ].map((sql) => deny('ColumnUnresolvable')(sql)),
  // In reach of a clause that goes along with the name, columns are not masked yet.
  ...[
    'SELECT 1 FROM patients AT (OFFSET => LENGTH(ssn))',
    'SELECT 1 FROM phi.patients, phi.patients AT (OFFSET => LENGTH(phi.patients.ssn)) p',
    'SELECT 1 FROM patients BEFORE (OFFSET => HASH(patients.*))',
    'SELECT 1 FROM patients AT (OFFSET => $3)',
    'SELECT 1 FROM patients SAMPLE (10) SEED (ssn)',
    'SELECT 1 FROM patients AT (OFFSET => (SELECT MAX(id) FROM patients))',
  ].map((sql) => deny('ConstructOnProtected')(sql)),
  // A CTE has no past, so the name is the table's. The warehouse of this test has none either.
  deny('UpstreamFailedRedacted')(
    'WITH patients AS (SELECT 1 AS ssn) SELECT ssn FROM patients AT (OFFSET => -60)',
  ),
  deny('ColumnUseRefused')(
    'WITH patients AS (SELECT 1 AS ssn) SELECT ssn FROM patients CHANGES (INFORMATION => DEFAULT) AT (OFFSET => -60)',
  ),
  deny('ObjectUnknown')(
    "SELECT * FROM (WITH events AS (SELECT 1 AS a) SELECT * FROM events BEFORE (STATEMENT => 'x')) q",
  ),
  // `db..t` is in the schema PUBLIC.
  deny('PolicyUncovered')('SELECT ssn FROM health..patients'),
  deny('PolicyUncovered')('SELECT * FROM staging..events'),
  deny('PolicyUncovered')(
    'SELECT v FROM visits UNPIVOT (v FOR n IN (diagnosis)), (staging.public.events) e',
  ),
  ...[
    'SELECT ssn INTO :v FROM patients',
    'SELECT id INTO :v FROM visits',
    'SELECT (SELECT 1 INTO :v)',
    'SELECT * FROM SEMANTIC_VIEW(patients METRICS a.b)',
    'SELECT UPPER(TABLE(patients))',
    'DESCRIBE TABLE visits TYPE = STAGE',
    "SHOW TABLES LIMIT 3 FROM 'A'",
    'ALTER SESSION SET TIMEZONE = $v',
  ].map((sql) => deny('StatementUnsupported')(sql)),
  deny('FunctionNotAllowed')(
    'SELECT m FROM visits MATCH_RECOGNIZE (MEASURES CLASSIFIER() AS m PATTERN (a) DEFINE a AS TRUE)',
  ),
  deny('FunctionNotAllowed')('WITH m AS MODEL forecast VERSION v1 SELECT UPPER(ssn) FROM patients'),
  deny('FunctionNotAllowed')(
    "SELECT SYS_CONNECT_BY_PATH(ssn, '/') FROM patients CONNECT BY PRIOR id = id",
  ),
  deny('FunctionNotAllowed')("SELECT SEARCH((*), '900') FROM patients"),
]
