import { describe, expect, test } from 'vitest'
import { maskedPatients, plan, refusal, ssnMask } from '../fixture.ts'

const emitted = (sql: string, setting = {}): string => plan(sql, setting).emitted
const entry = (sql: string, setting = {}): string => refusal(sql, setting).entry
const atRead = { masks: [{ ...ssnMask, usage: 'AtRead' as const }] }

describe('UPDATE, DELETE and MERGE name their target in full and read sources through masks', () => {
  test.each([
    [
      "UPDATE patients p SET name = 'x' WHERE p.id = 1",
      `UPDATE "DB"."S"."PATIENTS" p SET name = 'x' WHERE p.id = 1`,
    ],
    [
      'UPDATE visits v SET fee = 1 FROM patients p WHERE p.id = v.pid',
      `UPDATE "DB"."S"."VISITS" v SET fee = 1 FROM ${maskedPatients}) p WHERE p.id = v.pid`,
    ],
    [
      'DELETE FROM visits USING patients WHERE patients.id = pid',
      `DELETE FROM "DB"."S"."VISITS" USING ${maskedPatients}) AS "PATIENTS" WHERE patients.id = pid`,
    ],
    [
      'DELETE FROM patients WHERE id IN (SELECT pid FROM visits)',
      'DELETE FROM "DB"."S"."PATIENTS" WHERE id IN (SELECT pid FROM "DB"."S"."VISITS" )',
    ],
    [
      'MERGE INTO visits v USING patients p ON v.pid = p.id WHEN MATCHED THEN DELETE',
      `MERGE INTO "DB"."S"."VISITS" v USING ${maskedPatients}) p ON v.pid = p.id WHEN MATCHED THEN DELETE`,
    ],
  ])('%s', (sql, expected) => {
    expect(emitted(sql)).toBe(expected)
  })

  test('a qualifier of a source becomes the name of its stand-in', () => {
    expect(emitted('DELETE FROM visits USING patients WHERE s.patients.id = pid')).toContain(
      'WHERE "PATIENTS"."ID" = pid',
    )
  })
})

describe('what a target holds is in reach as it is, so a protected column of it is not read', () => {
  test.each([
    ['a WHERE predicate', "UPDATE patients SET name = 'x' WHERE ssn LIKE '1%'"],
    ['a value of UPDATE', 'UPDATE patients SET name = ssn'],
    ['a value of UPDATE', 'UPDATE patients p SET name = (SELECT p.ssn)'],
    ['a WHERE predicate', "DELETE FROM patients p WHERE p.ssn = '1'"],
    ['a value of DELETE', 'DELETE FROM patients WHERE EXISTS (SELECT patients.ssn FROM guess)'],
    ['a WHERE predicate', 'DELETE FROM patients WHERE EXISTS (SELECT 1 FROM guess WHERE g = ssn)'],
    ['MERGE … ON', 'MERGE INTO patients p USING guess ON p.ssn = g WHEN MATCHED THEN DELETE'],
    [
      'WHEN MATCHED AND …',
      "MERGE INTO patients p USING guess ON id = 1 WHEN MATCHED AND ssn = '1' THEN DELETE",
    ],
    [
      'a value of MERGE',
      'MERGE INTO patients p USING guess ON id = 1 WHEN MATCHED THEN UPDATE SET name = p.ssn',
    ],
    ['a WHERE predicate', 'DELETE FROM patients p WHERE p.$3 = 1'],
  ])('in %s, whatever the usage: %s', (usage, sql) => {
    const error = refusal(sql, atRead)
    expect(error.entry).toBe('ColumnUseRefused')
    expect(error.message).toContain(`is used in ${usage} (line 1`)
  })

  test('a name that the catalogue does not know may be one', () => {
    expect(entry("UPDATE patients SET name = 'x' WHERE fresh = 1")).toBe('ColumnUnresolvable')
  })

  test('its other columns, and the same name in another relation, are ordinary', () => {
    expect(() => plan("UPDATE patients SET name = city WHERE id = 1 AND name = 'x'")).not.toThrow()
    expect(() =>
      plan('DELETE FROM patients WHERE id IN (SELECT v.ssn FROM visits v)'),
    ).not.toThrow()
  })
})

describe('sources are used as strictly as in a query, and nothing of them is kept', () => {
  test.each([
    ['a WHERE predicate', "UPDATE visits SET fee = 1 FROM patients p WHERE p.ssn = '1'"],
    ['a WHERE predicate', "DELETE FROM visits USING patients p WHERE p.ssn = '1'"],
    ['a WHERE predicate', 'DELETE FROM visits WHERE ssn IN (SELECT ssn FROM patients)'],
    [
      'MERGE … ON',
      'MERGE INTO visits v USING patients p ON v.ssn = p.ssn WHEN MATCHED THEN DELETE',
    ],
    [
      'WHEN NOT MATCHED BY TARGET AND …',
      "MERGE INTO visits USING patients p ON pid = id WHEN NOT MATCHED AND p.ssn = '1' " +
        'THEN INSERT (pid) VALUES (1)',
    ],
  ])('%s: %s', (usage, sql) => {
    const error = refusal(sql)
    expect(error.entry).toBe('ColumnUseRefused')
    expect(error.message).toContain(`is used in ${usage} (line 1`)
    expect(() => plan(sql, atRead)).not.toThrow()
  })

  test.each([
    'UPDATE visits v SET ssn = p.ssn FROM patients p WHERE p.id = v.pid',
    'UPDATE visits SET fee = (SELECT COUNT(p.ssn) FROM patients p)',
    'MERGE INTO visits USING patients p ON pid = id WHEN MATCHED THEN UPDATE SET ssn = LEFT(p.ssn, 1)',
    'MERGE INTO visits USING patients p ON pid = id WHEN NOT MATCHED THEN INSERT (ssn) VALUES (p.ssn)',
    'MERGE INTO visits USING patients p ON pid = id WHEN MATCHED THEN UPDATE ALL BY NAME',
    'MERGE INTO visits USING patients p ON pid = id WHEN NOT MATCHED THEN INSERT ALL BY NAME',
  ])('%s keeps one', (sql) => {
    expect(entry(sql, atRead)).toBe('PersistRefused')
  })
})

describe('a protected column of the target takes literals, binds and DEFAULT', () => {
  test.each([
    "UPDATE patients SET ssn = '900-12-3456' WHERE id = 1",
    'UPDATE patients SET ssn = DEFAULT, name = ?',
    "MERGE INTO patients USING guess ON id = 1 WHEN MATCHED THEN UPDATE SET ssn = '900-12-3456'",
    "MERGE INTO patients USING guess ON id = 1 WHEN NOT MATCHED THEN INSERT (ssn) VALUES ('1')",
    'MERGE INTO patients USING guess ON id = 1 WHEN MATCHED THEN UPDATE ALL BY NAME',
  ])('%s', (sql) => {
    expect(() => plan(sql)).not.toThrow()
  })

  test.each([
    ['MaskWriteBack', "UPDATE patients SET ssn = '*******3456'"],
    ['ProtectedValueRefused', 'UPDATE patients SET ssn = name'],
    ['ProtectedValueRefused', 'UPDATE patients p SET p.ssn = g FROM guess'],
    ['ProtectedValueRefused', 'UPDATE patients SET s.patients.ssn = $v'],
    [
      'MaskWriteBack',
      "MERGE INTO patients USING guess ON id = 1 WHEN MATCHED THEN UPDATE SET ssn = '***'",
    ],
    [
      'ProtectedValueRefused',
      'MERGE INTO patients USING guess ON id = 1 WHEN MATCHED THEN UPDATE SET ssn = g',
    ],
    [
      'ProtectedValueRefused',
      "MERGE INTO patients USING guess ON id = 1 WHEN NOT MATCHED THEN INSERT VALUES (1, 'a', g, 'b')",
    ],
    [
      'ProtectedValueRefused',
      'MERGE INTO patients p USING visits v ON p.id = v.pid WHEN MATCHED THEN UPDATE ALL BY NAME',
    ],
  ])('%s: %s', (expected, sql) => {
    expect(entry(sql)).toBe(expected)
  })

  test('a bind may not be a mask', () => {
    const bindings = { 1: { type: 'TEXT', value: '*******3456' } }
    expect(entry('UPDATE patients SET ssn = ? WHERE id = 1', { bindings })).toBe('MaskWriteBack')
  })
})
