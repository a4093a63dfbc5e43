import { expect, test } from 'vitest'

import { failureOf } from '../../../sidecar/results/redact.ts'

const failure = {
  ok: false,
  code: '100038',
  sqlState: '22018',
  message: "Numeric value '900-12-3456' is not recognized",
  queryId: 'q',
} as const

test("Snowflake's text passes where nothing protected is read", () => {
  const error = failureOf(failure, { touchesProtected: false, sql: 'SELECT 1' })
  expect(error).toMatchObject({ code: '100038', sqlState: '22018', message: failure.message })
})

test('where protected columns are read, code and meaning stay and the text goes', () => {
  const error = failureOf(failure, { touchesProtected: true, sql: 'SELECT ssn::INT FROM patients' })
  expect(error).toMatchObject({ code: '100038', sqlState: '22018' })
  expect(error.message).toContain('not a valid number')
  expect(error.message).not.toMatch(/900|3456/)
})

test('an identifier is named only if the client wrote it', () => {
  const invalid = {
    ...failure,
    code: '000904',
    message: "SQL compilation error: invalid identifier 'P.NMAE'",
  }
  const named = failureOf(invalid, { touchesProtected: true, sql: 'select p.nmae from patients p' })
  expect(named.message).toContain('invalid identifier P.NMAE')
  const other = failureOf(invalid, { touchesProtected: true, sql: 'select name from patients' })
  expect(other.message).not.toContain('NMAE')
})
