/**
 * One statement of every family that never runs, and how a refusal calls it: an agent should read
 * what it was about to do, and to what.
 */

export interface NeverRun {
  readonly sql: string
  /** Under a policy that does not speak of it. Undefined: no policy could allow it. */
  readonly described: string | undefined
  /** Under a policy that allows everything. */
  readonly unsupported: string
}

/** The session stands in HEALTH.PHI. */
export const neverRun: readonly NeverRun[] = (
  [
    // ── DML ───────────────────────────────────────────────────────────────────────────────────
    [
      'INSERT ALL INTO visits VALUES (id) SELECT id FROM patients',
      'INSERT ALL on HEALTH.PHI.VISITS',
      'INSERT ALL',
    ],
    [
      'SELECT ssn FROM patients FOR UPDATE',
      'SELECT … FOR UPDATE on HEALTH.PHI.PATIENTS',
      'SELECT … FOR UPDATE',
    ],
    // ── Files ─────────────────────────────────────────────────────────────────────────────────
    ['COPY INTO visits FROM @%visits/a.csv', 'COPY INTO HEALTH.PHI.VISITS', 'COPY INTO'],
    ['COPY INTO @~/a.csv FROM patients', 'COPY INTO @~/a.csv', 'COPY INTO'],
    [
      'COPY INTO visits FROM @s VALIDATION_MODE = RETURN_ALL_ERRORS',
      'COPY INTO with VALIDATION_MODE HEALTH.PHI.VISITS',
      'COPY INTO with VALIDATION_MODE',
    ],
    ["COPY INTO 's3://bucket/' FROM (SELECT 1)", 'COPY INTO s3://bucket/', 'COPY INTO'],
    ['COPY FILES INTO @a FROM @b', 'COPY FILES @a', 'COPY FILES'],
    ['PUT file:///etc/passwd @s', 'PUT @s', 'PUT'],
    ['GET @~/x file:///tmp/', 'GET @~/x', 'GET'],
    ['LIST @%patients', 'LIST @%patients', 'LIST'],
    ['REMOVE @s', 'REMOVE @s', 'REMOVE'],
    // ── Code ──────────────────────────────────────────────────────────────────────────────────
    ['CALL staging.public.p(1)', 'CALL STAGING.PUBLIC.P', 'CALL'],
    [
      "WITH p AS PROCEDURE () RETURNS INT LANGUAGE SQL AS 'BEGIN DELETE FROM patients; END' CALL p()",
      'WITH … AS PROCEDURE … CALL with ',
      'WITH … AS PROCEDURE … CALL',
    ],
    [
      "EXECUTE IMMEDIATE 'UPDATE patients SET ssn = NULL'",
      'EXECUTE IMMEDIATE with UPDATE',
      'EXECUTE IMMEDIATE',
    ],
    ['EXECUTE IMMEDIATE FROM @s/a.sql', 'EXECUTE IMMEDIATE @s/a.sql', 'EXECUTE IMMEDIATE'],
    ['EXECUTE TASK t', 'EXECUTE TASK HEALTH.PHI.T', 'EXECUTE TASK'],
    [
      'BEGIN SELECT ssn FROM patients; DELETE FROM patients; END',
      'BEGIN … END with SELECT, DELETE',
      'BEGIN … END',
    ],
    ['DECLARE a INT; BEGIN RETURN a; END', 'BEGIN … END', 'BEGIN … END'],
    ['LET a INT := 1', 'Snowflake Scripting', 'Snowflake Scripting'],
    ['SELECT ssn FROM patients ->> SELECT * FROM $1', '… ->> … with SELECT', '… ->> …'],
    [
      'SHOW TABLES ->> INSERT INTO visits SELECT 1 FROM $1',
      '… ->> … with SHOW TABLES, INSERT',
      '… ->> …',
    ],
    // ── Definitions ───────────────────────────────────────────────────────────────────────────
    ['CREATE TABLE a CLONE patients', 'CREATE TABLE … CLONE HEALTH.PHI.A', 'CREATE TABLE … CLONE'],
    ['CREATE STREAM a ON TABLE patients', 'CREATE STREAM HEALTH.PHI.A', 'CREATE STREAM'],
    ['CREATE TASK a AS DELETE FROM patients', 'CREATE TASK HEALTH.PHI.A', 'CREATE TASK'],
    ["CREATE FUNCTION f() RETURNS INT AS '1'", 'CREATE FUNCTION HEALTH.PHI.F', 'CREATE FUNCTION'],
    ['CREATE DATABASE a CLONE health', 'CREATE DATABASE A', 'CREATE DATABASE'],
    ["CREATE USER a PASSWORD = 'x'", 'CREATE USER A', 'CREATE USER'],
    ['CREATE SHARE a', 'CREATE SHARE A', 'CREATE SHARE'],
    [
      'ALTER TABLE patients SWAP WITH visits',
      'ALTER TABLE … SWAP WITH HEALTH.PHI.PATIENTS',
      'ALTER TABLE … SWAP WITH',
    ],
    [
      'ALTER TABLE patients MODIFY COLUMN ssn UNSET MASKING POLICY',
      'ALTER TABLE … ALTER COLUMN UNSET MASKING POLICY HEALTH.PHI.PATIENTS',
      'ALTER TABLE … ALTER COLUMN UNSET MASKING POLICY',
    ],
    ['ALTER WAREHOUSE w RESUME', 'ALTER WAREHOUSE W', 'ALTER WAREHOUSE'],
    ['UNDROP TABLE patients', 'UNDROP TABLE HEALTH.PHI.PATIENTS', 'UNDROP TABLE'],
    // The quickstart has a rule "never" for these.
    ['DROP DATABASE health', 'DROP DATABASE HEALTH is denied by rule', 'DROP DATABASE'],
    [
      'BEGIN DROP TABLE patients; END',
      'BEGIN … END with DROP TABLE is denied by rule',
      'BEGIN … END',
    ],
    // ── Rights ────────────────────────────────────────────────────────────────────────────────
    ['GRANT SELECT ON TABLE patients TO ROLE r', 'GRANT on HEALTH.PHI.PATIENTS', 'GRANT'],
    ['REVOKE SELECT ON TABLE patients FROM ROLE r', 'REVOKE on HEALTH.PHI.PATIENTS', 'REVOKE'],
    ['GRANT ROLE a TO USER b', 'GRANT ROLE A', 'GRANT ROLE'],
    [
      'GRANT OWNERSHIP ON ALL TABLES IN SCHEMA phi TO ROLE r',
      'GRANT OWNERSHIP on HEALTH.PHI',
      'GRANT OWNERSHIP',
    ],
    // ── What every principal may do otherwise ─────────────────────────────────────────────────
    ['SET a = (SELECT ssn FROM patients LIMIT 1)', undefined, 'SET to anything but literals'],
    ['SHOW USERS', undefined, 'SHOW USERS'],
    ['SHOW GRANTS ON TABLE patients', undefined, 'SHOW GRANTS'],
    ["SHOW TABLES LIMIT 3 FROM 'A'", undefined, 'SHOW TABLES LIMIT … FROM'],
    ['SHOW TABLES WITH PRIVILEGES SELECT', undefined, 'SHOW TABLES WITH PRIVILEGES'],
    ['DESCRIBE USER u', undefined, 'DESCRIBE USER'],
    ['DESCRIBE RESULT LAST_QUERY_ID()', undefined, 'DESCRIBE RESULT'],
    ['DESCRIBE TABLE visits TYPE = STAGE', undefined, 'DESCRIBE TABLE TYPE = STAGE'],
    ['USE SECONDARY ROLES a', undefined, 'USE SECONDARY ROLES'],
    ['ALTER SESSION SET TIMEZONE = $a', undefined, 'ALTER SESSION SET with a variable or bind'],
    ['SELECT id INTO :v FROM visits', undefined, 'SELECT … INTO'],
    ['SELECT 1 FROM (SELECT (SELECT 1 INTO :v) AS a) q', undefined, 'SELECT … INTO'],
    ['SELECT * FROM SEMANTIC_VIEW(v METRICS a.b)', undefined, 'SELECT … FROM SEMANTIC_VIEW(…)'],
    ['SELECT UPPER(TABLE(patients))', undefined, 'f(TABLE(…))'],
  ] as const
).map(([sql, described, unsupported]) => ({ sql, described, unsupported }))
