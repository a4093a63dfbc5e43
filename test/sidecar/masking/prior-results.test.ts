import { describe, expect, test } from 'vitest'
import { carrying, clean } from '../../../sidecar/masking/lineage/taint.ts'
import type { Shape } from '../../../sidecar/masking/lineage/types.ts'
import type { MaskedColumn } from '../../../sidecar/masking/masked.ts'
import { plan, refusal, table, text } from './fixture.ts'

const ssn: MaskedColumn = {
  relation: table('PATIENTS', { SSN: text(11) }),
  column: { name: 'SSN', type: text(11), nullable: true },
  method: { kind: 'redact' },
  usage: 'Strict',
  rule: 'hide-ssn',
  rules: ['hide-ssn'],
  why: '',
}
const shape: Shape = {
  columns: [
    { name: 'ID', value: clean },
    { name: 'SSN', value: carrying(ssn, -1) },
  ],
  known: true,
  rest: clean,
}
const tableOf = () => shape
const from = "FROM TABLE(RESULT_SCAN('01')) r"

describe('an earlier result has the columns that it was given with', () => {
  test('what they carried they still carry', () => {
    const planned = plan(`SELECT r.*, id + 1 ${from}`, { tableOf })
    expect(planned.touchesProtected).toBe(true)
    expect(planned.outputs?.map(({ name, image }) => [name, image !== null])).toEqual([
      ['ID', false],
      ['SSN', true],
      [null, false],
    ])
    expect(planned.outputs?.[1]?.image?.('***')).toBe(true)
  })

  test.each([
    ['ColumnUseRefused', `SELECT id ${from} WHERE ssn = '1'`],
    ['ColumnUnresolvable', `SELECT fresh ${from}`],
    ['PersistRefused', `CREATE TABLE t AS SELECT * ${from}`],
    ['PersistRefused', `INSERT INTO guess SELECT ssn ${from}`],
    ['ConstructOnProtected', `EXPLAIN SELECT * ${from}`],
  ])('%s: %s', (entry, sql) => {
    expect(refusal(sql, { tableOf }).entry).toBe(entry)
  })

  test('of one that carried nothing, nothing is asked', () => {
    const open: Shape = { ...shape, columns: [{ name: 'ID', value: clean }] }
    const planned = plan(`SELECT id ${from} ORDER BY id`, { tableOf: () => open })
    expect(planned.touchesProtected).toBe(false)
  })
})
