/** The statements that make one of the three databases; `README.md` describes it. */

import type { MethodName } from '../lists/types.ts'
import { methodsUnderTest, ssnLength } from './methods.ts'
import { everyPerson, people, personOf, tokensOf, type Copy } from './values.ts'

const names = ['Ada', 'Bo', 'Cem', 'Dot', 'Eli', 'Fay', 'Gil', 'Hal', 'Ida', 'Jo']
const cities = ['Graz', 'Linz', 'Wels']
const wards = ['north', 'south']

const text = (value: string | null | undefined): string =>
  value === null || value === undefined ? 'NULL' : `'${value.replaceAll("'", "''")}'`
const number = (value: string | null): string => value ?? 'NULL'
const json = (value: string | null): string =>
  value === null ? 'NULL' : `PARSE_JSON(${text(value)})`
const date = (value: string | null): string => (value === null ? 'NULL' : `${text(value)}::DATE`)

const insert = (table: string, rows: readonly (readonly string[])[]): string =>
  `INSERT INTO ${table} SELECT * FROM (${rows.map((row) => `SELECT ${row.join(', ')}`).join(' UNION ALL ')})`

/** What anybody may know of a person. */
function open(person: number) {
  const city = person === 8 ? null : cities[person % 3]
  const doc = { tags: ['a', 'b'].slice(person % 2), ward: { no: person % 4 }, ssn: 'none' }
  return {
    id: String(person + 1),
    name: text(names[person]),
    city: text(city),
    doc: json(JSON.stringify(doc)),
  }
}

const persons = Array.from({ length: people }, (_, person) => person)

function hospital(method: MethodName, copy: Copy): readonly string[] {
  const methods = methodsUnderTest[method]
  const of = (person: number) => ({ ...open(person), ...personOf(person, copy, methods) })
  const ssn = `VARCHAR(${ssnLength(method)})`
  return [
    'DROP VIEW HEALTH.PHI.PATIENT_DIRECTORY',
    `CREATE OR REPLACE TABLE HEALTH.PHI.PATIENTS (ID NUMBER(38,0) NOT NULL, NAME VARCHAR(100), SSN ${ssn}, DOB DATE, EMAIL VARCHAR(200), SALARY NUMBER(10,2), CITY VARCHAR(100), DOC VARIANT)`,
    insert('HEALTH.PHI.PATIENTS', persons.map(of).map((p) => [p.id, p.name, text(p.ssn), date(p.dob), text(p.email), number(p.salary), p.city, open(Number(p.id) - 1).doc])),
    `CREATE OR REPLACE TABLE HEALTH.PHI.VISITS (VISIT_ID NUMBER(38,0) NOT NULL, PATIENT_ID NUMBER(38,0), SSN VARCHAR(11), FEE NUMBER(10,2), SEEN_AT TIMESTAMP_NTZ, WARD VARCHAR(20))`,
    insert('HEALTH.PHI.VISITS', Array.from({ length: 14 }, (_, visit) => [
      String(100 + visit), String(1 + ((visit * 3) % people)), text(`555-01-${String(visit % 5).padStart(4, '0')}`),
      visit === 4 ? 'NULL' : `${20 + visit * 7}.50`, `'2026-0${1 + (visit % 6)}-1${visit % 9} 08:30:00'::TIMESTAMP_NTZ`, text(wards[visit % 2]),
    ])),
    'CREATE OR REPLACE TABLE HEALTH.PHI.CHARTS (PATIENT_ID NUMBER(38,0), DOC VARIANT, KIND VARCHAR(20))',
    insert('HEALTH.PHI.CHARTS', persons.map(of).map((p) => [p.id, json(p.doc), text(wards[Number(p.id) % 2])])),
    'CREATE OR REPLACE TABLE HEALTH.PHI.GUESSES (G VARCHAR(200), N NUMBER(10,2), D DATE)',
    insert('HEALTH.PHI.GUESSES', everyPerson(methods).flatMap(({ ssn: guess, email, salary, dob }) => [
      [text(guess), number(salary), date(dob)], [text(email), 'NULL', 'NULL'],
    ])),
    // The warehouse cannot INSERT into a table with a dot in its name.
    `CREATE OR REPLACE TABLE HEALTH.PHI."patient.notes" AS SELECT a::NUMBER(38,0) AS "id", b::${ssn} AS "ssn", c::VARCHAR(50) AS "a b", d::NUMBER(5,2) AS "Größe", e::VARCHAR(50) AS "na""me" FROM (${persons.map(of).map((p) => `SELECT ${p.id} AS a, ${text(p.ssn)} AS b, ${text(`note ${p.id}`)} AS c, 1${p.id}.25 AS d, ${p.name} AS e`).join(' UNION ALL ')})`,
    'CREATE OR REPLACE TABLE HEALTH.PHI."Ärzte" (ID NUMBER(38,0), "Name" VARCHAR(50), "Gehalt" NUMBER(10,2))',
    insert('HEALTH.PHI."Ärzte"', persons.slice(4).map(of).map((p) => [p.id, p.name, number(p.salary)])),
    ...Object.entries(views).map(([name, body]) => `CREATE OR REPLACE VIEW HEALTH.PHI.${name} AS ${body}`),
    'CREATE OR REPLACE SECURE VIEW HEALTH.PHI.V_SECURE AS SELECT id, ssn AS s FROM health.phi.patients',
  ] // prettier-ignore
}

/** The account's own function behind keyed masks; other values than are known get one token. */
function tokenFunction(method: MethodName, copy: Copy): string {
  const known = new Map(tokensOf(copy, methodsUnderTest[method]))
  const cases = [...known].map(([value, token]) => `WHEN ${text(value)} THEN ${text(token)}`)
  const body = `CASE v ${cases.join(' ')} ELSE '800-00-0000' END`
  return `CREATE OR REPLACE SECURE FUNCTION HEALTH.PUBLIC.TOKEN_OF (v VARCHAR) RETURNS VARCHAR AS ${text(body)}`
}

export const views: Readonly<Record<string, string>> = {
  V_PLAIN: 'SELECT id, name, ssn, city FROM health.phi.patients',
  V_STAR: 'SELECT * FROM health.phi.patients',
  V_OPEN: 'SELECT id, name, city FROM health.phi.patients',
  V_RENAMED:
    'SELECT id AS pid, ssn AS code, email AS contact, dob AS day, salary AS pay FROM health.phi.patients',
  V_NESTED: 'SELECT pid AS n, code AS c, pay FROM health.phi.v_renamed',
  V_DERIVED:
    'SELECT id, LEFT(ssn, 3) AS area, salary * 12 AS yearly, YEAR(dob) AS born, REVERSE(ssn) AS mirrored FROM health.phi.patients',
  V_JOINED:
    'SELECT p.id, p.name, p.ssn, v.fee, v.ward FROM health.phi.patients p JOIN health.phi.visits v ON v.patient_id = p.id',
  V_UNION:
    'SELECT id, ssn AS value FROM health.phi.patients UNION ALL SELECT visit_id, ward FROM health.phi.visits',
  V_COUNTS: 'SELECT city, COUNT(*) AS n FROM health.phi.patients GROUP BY city',
  V_FILTERED: "SELECT id, name FROM health.phi.patients WHERE ssn LIKE '9%'",
}

function small(method: MethodName, copy: Copy): readonly string[] {
  const methods = methodsUnderTest[method]
  const ssn = `VARCHAR(${ssnLength(method)})`
  const guesses = everyPerson(methods).map((person) => [text(person.ssn)])
  const rows = persons.slice(0, 6).map((person) => {
    const { id, name, city } = open(person)
    return [id, name, text(personOf(person, copy, methods).ssn), city]
  })
  const harmless = persons.slice(0, 6).map((person) => {
    const { id, name, city } = open(person)
    return [id, name, text(`111-22-000${person}`), city]
  })
  const columns = (width: string) =>
    `(ID NUMBER(38,0), NAME VARCHAR(100), SSN ${width}, CITY VARCHAR(100))`
  return [
    `CREATE OR REPLACE TABLE HEALTH.PUBLIC.PATIENTS ${columns(ssn)}`,
    insert('HEALTH.PUBLIC.PATIENTS', rows),
    'CREATE OR REPLACE TABLE HEALTH.PUBLIC.VISITS (PID NUMBER(38,0), SSN VARCHAR(11), FEE NUMBER(10,2))',
    insert('HEALTH.PUBLIC.VISITS', persons.slice(0, 7).map((n) => [String(1 + (n % 5)), text(`555-02-000${n}`), `${10 + n}.00`])),
    'CREATE OR REPLACE TABLE HEALTH.PUBLIC.GUESS (G VARCHAR(11))',
    insert('HEALTH.PUBLIC.GUESS', guesses),
    `CREATE OR REPLACE TABLE ANALYTICS.PUBLIC.PATIENTS ${columns('VARCHAR(11)')}`,
    insert('ANALYTICS.PUBLIC.PATIENTS', harmless),
  ] // prettier-ignore
}

/** The tables that statements may change, and a view that somebody else may. */
export function scratch(method: MethodName, copy: Copy): readonly string[] {
  const ssn = `VARCHAR(${ssnLength(method)})`
  return [
    'CREATE OR REPLACE TABLE STAGING.PUBLIC.SCRATCH (ID NUMBER(38,0), A VARCHAR(200), B NUMBER(12,2), C DATE)',
    `CREATE OR REPLACE TABLE STAGING.PUBLIC.INTAKE (ID NUMBER(38,0) NOT NULL, NAME VARCHAR(100), SSN ${ssn}, CITY VARCHAR(100))`,
    'CREATE OR REPLACE VIEW STAGING.PUBLIC.V_CHANGING AS SELECT id, name FROM staging.public.intake',
    ...scratchRows(method, copy),
  ] // prettier-ignore
}

export const scratchNames: readonly string[] = ['SCRATCH', 'INTAKE', 'V_CHANGING']

/** Puts their rows back. */
export function scratchRows(method: MethodName, copy: Copy): readonly string[] {
  const rows = persons.slice(0, 4).map((person) => {
    const { id, name, city } = open(person)
    return [id, name, text(personOf(person, copy, methodsUnderTest[method]).ssn), city]
  })
  return [
    'DELETE FROM STAGING.PUBLIC.SCRATCH',
    insert('STAGING.PUBLIC.SCRATCH', [['1', "'one'", '1.50', 'NULL'], ['2', "'two'", '2.50', "'2026-01-02'::DATE"]]),
    'DELETE FROM STAGING.PUBLIC.INTAKE',
    insert('STAGING.PUBLIC.INTAKE', rows),
  ] // prettier-ignore
}

/** In an example warehouse of which the tables have no rows yet. */
export function schemaOf(method: MethodName, copy: Copy): readonly string[] {
  return [
    ...hospital(method, copy),
    ...small(method, copy),
    ...scratch(method, copy),
    tokenFunction(method, copy),
  ]
}

/** `[database, schema, relation, column, what it holds]`. */
export const protectedColumns = [
  ['HEALTH', 'PHI', 'PATIENTS', 'SSN', 'ssn'],
  ['HEALTH', 'PHI', 'PATIENTS', 'EMAIL', 'email'],
  ['HEALTH', 'PHI', 'PATIENTS', 'DOB', 'dob'],
  ['HEALTH', 'PHI', 'PATIENTS', 'SALARY', 'salary'],
  ['HEALTH', 'PHI', 'CHARTS', 'DOC', 'doc'],
  ['HEALTH', 'PHI', 'patient.notes', 'ssn', 'ssn'],
  ['HEALTH', 'PHI', 'Ärzte', 'Gehalt', 'salary'],
  ['HEALTH', 'PUBLIC', 'PATIENTS', 'SSN', 'ssn'],
  ['STAGING', 'PUBLIC', 'INTAKE', 'SSN', 'ssn'],
] as const
